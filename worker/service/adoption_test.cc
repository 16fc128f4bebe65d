// Whom a worker follows, and what becomes of the steps of the one before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "common/failure/failure.h"
#include "worker/service/journal.h"
#include "worker/service/service_fixture.h"

namespace davit::service {
namespace {

using worker::v1::RunStepRequest;
using worker::v1::StepFinished;

class AdoptionTest : public ServiceTest {
 protected:
  static RunStepRequest RequestOf(const std::string& controller_id, const std::string& step_id,
                                  int64_t fence = 1) {
    RunStepRequest request = PullRequest(step_id, fence);
    request.set_controller_id(controller_id);
    return request;
  }
  absl::Status StatusOf(const RunStepRequest& request) {
    return StepStream(*stub_, request).Status();
  }
  void StartDone() {
    Start([](const auto&, const auto&, auto&) { return Done(); });
  }
};

MATCHER(IsNotAdopted, "") {
  *result_listener << arg;
  return absl::IsFailedPrecondition(arg) && IsFailure(arg, v1::HOST_NOT_ADOPTED);
}

TEST_F(AdoptionTest, FollowsTheFirstControllerThatItMeets) {
  StartDone();
  EXPECT_TRUE(StatusOf(RequestOf("first", "s-01")).ok());
  for (const bool restart : {false, true}) {
    if (restart) End(), StartDone();
    EXPECT_TRUE(StatusOf(RequestOf("first", "s-01")).ok());
    EXPECT_THAT(StatusOf(RequestOf("second", "s-02", 9)), IsNotAdopted());
    EXPECT_THAT(StatusOf(RequestOf("second", "s-01")), IsNotAdopted()) << "attaching";
    EXPECT_THAT(StatusOf(RequestOf("", "s-02", 9)), IsNotAdopted()) << "an older version";
  }
  EXPECT_TRUE(StatusOf(RequestOf("first", "s-03", 2)).ok()) << "no fence was raised";
}

TEST_F(AdoptionTest, RefusesAnotherControllerBeforeAnythingElse) {
  StartDone();
  EXPECT_TRUE(StatusOf(RequestOf("first", "s-01")).ok());
  RunStepRequest wrong = RequestOf("second", "", -1);
  wrong.clear_spec();
  EXPECT_THAT(StatusOf(wrong), IsNotAdopted());
}

TEST_F(AdoptionTest, FollowsOneOfEachCluster) {
  StartDone();
  EXPECT_TRUE(StatusOf(RequestOf("first", "s-01")).ok());
  RunStepRequest other = RequestOf("second", "s-01");
  other.mutable_key()->set_cluster_id("other");
  EXPECT_TRUE(StatusOf(other).ok());
}

TEST_F(AdoptionTest, TakesControllersWithoutAnIdUntilThereIsOneWith) {
  StartDone();
  EXPECT_TRUE(StatusOf(RequestOf("", "s-01")).ok());
  EXPECT_TRUE(StatusOf(RequestOf("", "s-02")).ok());
  EXPECT_TRUE(StatusOf(RequestOf("first", "s-01")).ok()) << "it was upgraded, and attaches";
  EXPECT_THAT(StatusOf(RequestOf("", "s-03")), IsNotAdopted());
}

TEST_F(AdoptionTest, DoesNotFollowOneWhoseFirstRequestIsWrong) {
  StartDone();
  RunStepRequest wrong = RequestOf("first", "s-01");
  wrong.clear_spec();
  EXPECT_TRUE(IsFailure(StatusOf(wrong), v1::VERSION_SKEW));
  EXPECT_TRUE(StatusOf(RequestOf("second", "s-01")).ok());
}

TEST_F(AdoptionTest, EndsAndForgetsWhatWasBegunForTheFormerController) {
  Start([](const auto&, const auto& context, auto&) {
    return context.key.step_id() == "endless" ? UntilStopped(context) : Done();
  });
  StepStream endless(*stub_, RequestOf("first", "endless", 7));
  EXPECT_TRUE(endless.Next().has_started());
  EXPECT_TRUE(StatusOf(RequestOf("first", "ended", 7)).ok());
  EXPECT_TRUE(StatusOf(RequestOf("first", "acknowledged", 7)).ok());
  EXPECT_TRUE(Acknowledge(PullRequest("acknowledged")).ok());

  const auto adopted = Adopt("second");
  ASSERT_TRUE(adopted.ok()) << adopted.status();
  EXPECT_EQ(adopted->journal_id().size(), 32u);
  ASSERT_EQ(adopted->fences_size(), 1);
  EXPECT_EQ(adopted->fences(0).project(), "shop");
  EXPECT_EQ(adopted->fences(0).environment(), "dev");
  EXPECT_EQ(adopted->fences(0).fence(), 7);
  ASSERT_EQ(adopted->forgotten_size(), 2);
  EXPECT_EQ(adopted->forgotten(0).key().step_id(), "ended");
  EXPECT_EQ(adopted->forgotten(0).finished().outcome(), StepFinished::SUCCEEDED);
  EXPECT_EQ(adopted->forgotten(1).key().step_id(), "endless");
  EXPECT_EQ(adopted->forgotten(1).finished().outcome(), StepFinished::CANCELLED);
  EXPECT_EQ(endless.Finished().failure().code(), v1::HOST_NOT_ADOPTED);
  EXPECT_EQ(List().steps_size(), 0);
}

TEST_F(AdoptionTest, ObeysTheNewControllerAloneFromThenOn) {
  StartDone();
  EXPECT_TRUE(StatusOf(RequestOf("first", "s-01", 7)).ok());
  ASSERT_TRUE(Adopt("second").ok());
  for (const bool restart : {false, true}) {
    if (restart) End(), StartDone();
    EXPECT_THAT(StatusOf(RequestOf("first", "s-02", 8)), IsNotAdopted());
    EXPECT_TRUE(StatusOf(RequestOf("second", "s-03", 7)).ok());
    const auto again = Adopt("second");
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->forgotten_size(), 0) << "its own steps stay";
    EXPECT_EQ(again->fences_size(), 1);
  }
  EXPECT_TRUE(IsFailure(StatusOf(RequestOf("second", "s-01", 7)), v1::WRONG_STATE))
      << "what was forgotten does not run a second time";
}

TEST_F(AdoptionTest, StartsNothingWhileAStepOfTheFormerControllerRuns) {
  absl::Notification asked, released;
  std::atomic<bool> former_runs = false;
  Start([&](const auto&, const auto& context, auto&) -> absl::StatusOr<worker::v1::StepOutputs> {
    if (context.key.step_id() == "new") {
      EXPECT_FALSE(former_runs);
      return Done();
    }
    former_runs = true;
    const absl::Status status = context.call.Wait(absl::Minutes(10));
    asked.Notify();
    EXPECT_TRUE(released.WaitForNotificationWithTimeout(absl::Seconds(20)));
    former_runs = false;
    return status;
  });
  StepStream former(*stub_, RequestOf("first", "former"));
  EXPECT_TRUE(former.Next().has_started());
  std::thread adopter([this] { EXPECT_TRUE(Adopt("second").ok()); });
  EXPECT_TRUE(asked.WaitForNotificationWithTimeout(absl::Seconds(20)));
  StepStream next(*stub_, RequestOf("second", "new"));
  released.Notify();
  EXPECT_EQ(next.Finished().outcome(), StepFinished::SUCCEEDED);
  adopter.join();
}

// Killed after the new controller was written down and before the steps had ended.
TEST_F(AdoptionTest, GoesOnWithAnAdoptionThatWasBrokenOff) {
  std::filesystem::create_directory(state_directory());
  {
    auto journal = Journal::Open(state_directory() + "/journal.db");
    ASSERT_TRUE(journal.ok());
    const RunStepRequest former = RequestOf("first", "former");
    Intent intent{former.key(), 1, former.spec(), absl::Minutes(10), absl::Now()};
    ASSERT_TRUE((*journal)->Follow("cluster", "first").ok());
    ASSERT_TRUE((*journal)->WriteIntent(intent).ok());
    ASSERT_TRUE((*journal)->Adopt("cluster", "second").ok());
  }
  Start([](const auto&, const auto& context, auto&) {
    return context.key.step_id() == "former" ? UntilStopped(context) : Done();
  });
  EXPECT_TRUE(StatusOf(RequestOf("second", "new")).ok());
  ASSERT_EQ(List().steps_size(), 1);
  EXPECT_EQ(List().steps(0).key().step_id(), "new");
}

TEST_F(AdoptionTest, NeedsAController) {
  StartDone();
  EXPECT_EQ(Adopt("").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace davit::service
