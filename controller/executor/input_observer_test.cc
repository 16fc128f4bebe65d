#include "controller/executor/input_observer.h"

#include <vector>

#include "common/failure/failure.h"
#include "gtest/gtest.h"

namespace davit::executor {
namespace {

using worker::v1::RunStepResponse;
using worker::v1::StepFinished;

class InputObserverTest : public testing::Test {
 protected:
  template <typename T>
  const T& Only() {
    EXPECT_EQ(inputs_.size(), 1u);
    return std::get<T>(inputs_.at(0));
  }

  std::vector<core::Input> inputs_;
  InputObserver observer_{"s", 2, [this](core::Input input) { inputs_.push_back(input); }};
};

TEST_F(InputObserverTest, SaysOfWhichStepProgressAndLogsAre) {
  RunStepResponse progress;
  progress.mutable_progress()->set_done(7);
  observer_.OnEvent(progress);
  RunStepResponse log;
  log.mutable_log()->set_data("text\n");
  observer_.OnEvent(log);
  ASSERT_EQ(inputs_.size(), 2u);
  const auto& progressed = std::get<core::StepProgressed>(inputs_[0]);
  EXPECT_EQ(progressed.attempt, 2);
  EXPECT_EQ(progressed.progress.step_id(), "s");
  EXPECT_EQ(progressed.progress.done(), 7);
  const auto& logged = std::get<core::StepLogged>(inputs_[1]);
  EXPECT_EQ(logged.log.step_id(), "s");
  EXPECT_EQ(logged.log.data(), "text\n");
}

TEST_F(InputObserverTest, SaysNothingMoreAfterTheResult) {
  RunStepResponse finished;
  finished.mutable_finished()->set_outcome(StepFinished::SUCCEEDED);
  observer_.OnEvent(finished);
  observer_.OnDone(absl::UnavailableError("the connection went away just then"));
  EXPECT_EQ(Only<core::StepFinished>().result.outcome(), StepFinished::SUCCEEDED);
}

TEST_F(InputObserverTest, TakesAFenceForAFailure) {
  observer_.OnDone(FailureStatus(v1::FENCED, "another one has the lock"));
  const StepFinished& result = Only<core::StepFinished>().result;
  EXPECT_EQ(result.outcome(), StepFinished::FAILED);
  EXPECT_EQ(result.failure().code(), v1::FENCED);
}

TEST_F(InputObserverTest, TakesALostJournalForAnUnknownOutcome) {
  observer_.OnDone(FailureStatus(v1::JOURNAL_LOST, "another disk"));
  EXPECT_EQ(Only<core::StepFinished>().result.outcome(), StepFinished::UNKNOWN);
}

TEST_F(InputObserverTest, TakesAnyOtherErrorForALostWorker) {
  observer_.OnDone(FailureStatus(v1::HOST_UNREACHABLE, "no route"));
  EXPECT_EQ(Only<core::WorkerLost>().step_id, "s");
  EXPECT_EQ(Only<core::WorkerLost>().failure.code(), v1::HOST_UNREACHABLE);
}

TEST_F(InputObserverTest, TakesAStreamWithoutAResultForALostWorker) {
  observer_.OnDone(absl::OkStatus());
  EXPECT_EQ(Only<core::WorkerLost>().failure.code(), v1::INTERNAL);
}

}  // namespace
}  // namespace davit::executor
