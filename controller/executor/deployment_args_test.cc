#include "controller/executor/deployment_args.h"

#include "controller/executor/creation.h"
#include "controller/executor/executor_fixture.h"
#include "controller/store/memory/memory_store.h"

namespace davit::executor {
namespace {

using testing::ElementsAre;

class ReadArgsTest : public testing::Test {
 protected:
  // Releases 1 to `count`, of which those that `was_live` names have been live,
  // the last of them is.
  void PutReleases(int count, const std::vector<int>& was_live) {
    const absl::Status status = store_.Update([&](store::Txn& txn) {
      for (int number = 1; number <= count; ++number) {
        state::v1::ReleaseRecord release;
        release.mutable_view()->set_project("shop");
        release.mutable_view()->set_environment("dev");
        release.mutable_view()->set_app("web");
        release.mutable_view()->set_number(number);
        release.mutable_view()->set_live(number == was_live.back());
        if (testing::Value(was_live, testing::Contains(number))) release.mutable_live_time();
        if (absl::Status put = txn.PutRelease(release); !put.ok()) return put;
      }
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }

  core::AppHistory HistoryOfWeb(int retain) {
    v1::DeploymentRequest request = RequestFor("dev", "").deployment();
    request.mutable_spec()->mutable_apps()->at("web").set_retain(retain);
    core::AppHistory history;
    const absl::Status status = store_.View([&](store::ReadTxn& txn) {
      auto args = ReadArgs(txn, request, absl::UnixEpoch());
      if (args.ok()) history = args->history.at("web");
      return args.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return history;
  }

  store::MemoryStore store_;
};

TEST_F(ReadArgsTest, BeginsWithNumberOne) {
  const core::AppHistory history = HistoryOfWeb(5);
  EXPECT_EQ(history.next_number, 1);
  EXPECT_FALSE(history.live.has_value());
  EXPECT_TRUE(history.kept.empty());
}

TEST_F(ReadArgsTest, CountsFailedReleasesButKeepsThoseThatWereLive) {
  PutReleases(6, {1, 2, 4, 5});
  const core::AppHistory history = HistoryOfWeb(3);
  EXPECT_EQ(history.next_number, 7);
  EXPECT_EQ(history.live->view().number(), 5);
  EXPECT_THAT(history.kept, ElementsAre(5, 4, 2));
}

TEST_F(ReadArgsTest, FindsKeptReleasesBehindManyFailedOnes) {
  PutReleases(700, {3, 9});
  const core::AppHistory history = HistoryOfWeb(2);
  EXPECT_EQ(history.next_number, 701);
  EXPECT_THAT(history.kept, ElementsAre(9, 3));
}

class NextRelease : public ReadArgsTest {
 protected:
  void PutLock(int64_t next_of_web) {
    state::v1::LockRecord lock;
    lock.set_project("shop");
    lock.set_environment("dev");
    lock.set_fence(7);
    (*lock.mutable_next_release())["web"] = next_of_web;
    (*lock.mutable_next_release())["another"] = 99;
    const absl::Status put = store_.Update([&](store::Txn& txn) { return txn.PutLock(lock); });
    ASSERT_TRUE(put.ok()) << put;
  }
};

TEST_F(NextRelease, IsAboveThoseThatAHostHasSeen) {
  PutReleases(3, {3});
  PutLock(8);
  EXPECT_EQ(HistoryOfWeb(5).next_number, 8);
}

TEST_F(NextRelease, IsAboveThoseOnRecord) {
  PutReleases(9, {9});
  PutLock(8);
  EXPECT_EQ(HistoryOfWeb(5).next_number, 10);
}

TEST_F(NextRelease, IsRememberedWhileTheLockIsTakenAndGivenBack) {
  PutLock(8);
  FakeWorkers workers;
  const auto fleet = workers.Connect({"a"});
  const absl::Status status = store_.Update([&](store::Txn& txn) {
    auto made = MakeLockedDeployment(txn, *fleet, RequestFor("dev", "request-1"),
                                     absl::UnixEpoch() + absl::Hours(1));
    if (!made.ok()) return made.status();
    EXPECT_EQ(made->record.view().releases(0).number(), 8);
    EXPECT_EQ(made->record.fence(), 8);
    const auto lock = txn.GetLock("shop", "dev");
    EXPECT_EQ((*lock)->next_release().at("web"), 8);
    EXPECT_EQ((*lock)->next_release().at("another"), 99);
    EXPECT_EQ((*lock)->deployment_id(), made->record.view().id());
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace davit::executor
