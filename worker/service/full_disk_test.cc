// A worker whose state directory has no space left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <fstream>
#include <string>

#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "common/failure/failure.h"
#include "worker/service/service_fixture.h"

namespace davit::service {
namespace {

using ::testing::HasSubstr;

class FullDiskTest : public ServiceTest {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(state_directory());
    ASSERT_EQ(mount("tmpfs", state_directory().c_str(), "tmpfs", 0, "mode=0700,size=1m"), 0)
        << "only root can mount a small disk";
  }
  void TearDown() override {
    End();
    umount2(state_directory().c_str(), MNT_DETACH);
  }

  std::string filler() const { return state_directory() + "/filler"; }
  void Fill() const {
    std::ofstream file(filler(), std::ios::binary);
    while (file << std::string(4096, 'x') << std::flush) continue;
  }
};

TEST_F(FullDiskTest, IsWhatAStepIsRefusedForAndSaysWhere) {
  int runs = 0;
  Start([&](const auto&, const auto&, auto&) {
    ++runs;
    return Done();
  });
  Fill();
  const absl::Status status = StepStream(*stub_, PullRequest("s-01")).Status();
  EXPECT_TRUE(IsFailure(status, v1::DISK_FULL)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(state_directory()));
  const v1::Failure failure = FailureOf(status);
  EXPECT_THAT(absl::StrJoin(failure.evidence(), "\n"), HasSubstr("full"));
  EXPECT_THAT(failure.next_command(), HasSubstr(state_directory()));
  EXPECT_EQ(runs, 0);
  std::filesystem::remove(filler());
  EXPECT_EQ(StepStream(*stub_, PullRequest("s-01")).Finished().outputs().summary(), "done");
}

TEST_F(FullDiskTest, DoesNotTakeAStepFromWhoeverFollowsIt) {
  absl::Notification go_on;
  Start([&](const worker::v1::StepSpec& spec, const auto&, auto&) {
    if (spec.has_pull_image()) go_on.WaitForNotification();
    return Done();
  });
  worker::v1::RunStepRequest before = PullRequest("s-01");
  before.mutable_spec()->mutable_stop_container();
  EXPECT_EQ(StepStream(*stub_, before).Finished().outputs().summary(), "done");
  worker::v1::RunStepRequest request = PullRequest("s-02");
  EXPECT_FALSE(StepStream(*stub_, request).Next().started().attached());
  Fill();
  *request.add_acknowledged() = before.key();
  StepStream again(*stub_, request);
  EXPECT_TRUE(again.Next().started().attached());
  std::filesystem::remove(filler());
  go_on.Notify();
  EXPECT_EQ(again.Finished().outputs().summary(), "done");
}

}  // namespace
}  // namespace davit::service
