#include <gmock/gmock.h>

#include <thread>

#include "absl/strings/str_split.h"
#include "common/failure/failure.h"
#include "worker/docker/engine_test_fixture.h"

namespace davit::docker {
namespace {

class ThrowawayTest : public EngineTest {
 protected:
  worker::v1::ContainerSpec Named(const std::vector<std::string>& command) const {
    worker::v1::ContainerSpec spec = Spec(command);
    spec.set_service_name(Name("web"));
    return spec;
  }
  // Containers of this test that are there.
  size_t Left() {
    const auto left = engine_.ListContainers({{"davit.test", label_}}, test::TestCall());
    EXPECT_TRUE(left.ok()) << left.status();
    return left.ok() ? left->size() : 99;
  }
};

TEST_F(ThrowawayTest, TellsHowItEndedAndIsGone) {
  const auto run = engine_.RunThrowaway(Named({"/bin/sh", "-c", "echo out; echo err >&2; exit 7"}),
                                        label_, test::TestCall());
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->exit_code, 7);
  // The engine keeps no order between the two.
  EXPECT_THAT(absl::StrSplit(run->output, '\n', absl::SkipEmpty()),
              testing::UnorderedElementsAre("out", "err"));
  EXPECT_EQ(Left(), 0u);
}

TEST_F(ThrowawayTest, IsGoneWhenItCannotStart) {
  const auto run = engine_.RunThrowaway(Named({"/bin/nothing"}), label_, test::TestCall());
  EXPECT_TRUE(IsFailure(run.status(), v1::COMMAND_NOT_FOUND)) << run.status();
  EXPECT_EQ(Left(), 0u);
}

TEST_F(ThrowawayTest, StaysWhileItRunsAndIsGoneWhenItsCallIsOver) {
  CancelToken token;
  Call call = test::TestCall();
  call.cancel = &token;
  std::thread canceller([&] {
    const Call patience = test::TestCall();
    while (Left() == 0 && patience.Wait(absl::Milliseconds(20)).ok()) {
    }
    EXPECT_TRUE(engine_.RemoveLeftReaders(label_, test::TestCall()).ok());
    EXPECT_EQ(Left(), 1u) << "its process lives";
    token.Cancel();
  });
  const auto run = engine_.RunThrowaway(Named({"/bin/sleep", "1000"}), label_, call);
  EXPECT_TRUE(absl::IsCancelled(run.status())) << run.status();
  canceller.join();
  EXPECT_EQ(Left(), 0u);
}

}  // namespace
}  // namespace davit::docker
