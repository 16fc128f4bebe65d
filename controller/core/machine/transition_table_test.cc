#include "controller/core/machine/transition_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/core/machine/step_outcome.h"
#include "controller/core/testing/test_deployment.h"
#include "controller/core/testing/transition_check.h"

namespace davit::core {
namespace {

using ::testing::IsEmpty;
using WorkerResult = worker::v1::StepFinished;

// One step of each kind of fate, in a deployment of every state: also in those
// combinations that no run leads to.
DeploymentState StateWith(v1::DeploymentState state, v1::StepState step_state, bool inverse,
                          v1::Phase phase) {
  DeploymentState made = MakeState(TestDeployment{}, kNow);
  made.record.mutable_view()->set_state(state);
  state::v1::StepRecord& step = made.steps.emplace_back();
  step.mutable_view()->set_id("d-1-01");
  step.mutable_view()->set_host("h1");
  step.mutable_view()->set_app("web");
  step.mutable_view()->set_phase(phase);
  step.mutable_view()->set_state(step_state);
  step.mutable_view()->set_attempt(step_state == v1::STEP_PENDING ? 0 : 1);
  step.mutable_spec()->mutable_start_container();
  if (inverse) step.mutable_inverse()->mutable_remove_container();
  return made;
}

std::vector<Input> AllInputs() {
  std::vector<Input> inputs = {Submitted{}, CancelRequested{"ada@desk"}, Restarted{}};
  for (const char* id : {"d-1-01", "d-1-99", "d-2-01", "", "d-1-", "d-1--1"}) {
    for (const int attempt : {0, 1}) {
      inputs.push_back(StepStarted{id, attempt, "journal"});
      StepProgressed progressed{attempt, {}};
      progressed.progress.set_step_id(id);
      inputs.push_back(progressed);
      StepLogged logged{attempt, {}};
      logged.log.set_step_id(id);
      inputs.push_back(logged);
      inputs.push_back(WorkerLost{id, attempt, MakeFailure(v1::HOST_UNREACHABLE, "lost")});
      inputs.push_back(TimerFired{id, attempt});
      for (int outcome = 0; outcome <= WorkerResult::UNKNOWN; ++outcome) {
        WorkerResult result;
        result.set_outcome(static_cast<WorkerResult::Outcome>(outcome));
        inputs.push_back(StepFinished{id, attempt, result});
      }
    }
  }
  return inputs;
}

template <typename Visit>
void VisitAllStates(const Visit& visit) {
  for (int state = v1::DeploymentState_MIN; state <= v1::DeploymentState_MAX; ++state) {
    for (int step = v1::STEP_PENDING; step <= v1::StepState_MAX; ++step) {
      for (const bool inverse : {false, true}) {
        for (const v1::Phase phase : {v1::SUBMIT, v1::RELEASE, v1::ROLLBACK}) {
          SCOPED_TRACE(absl::StrCat("deployment ", state, " step ", step, " phase ", phase));
          visit(StateWith(static_cast<v1::DeploymentState>(state), static_cast<v1::StepState>(step),
                          inverse, phase));
        }
      }
    }
  }
}

TEST(TransitionTable, TakesEveryInputInEveryState) {
  const std::vector<Input> inputs = AllInputs();
  VisitAllStates([&](const DeploymentState& state) {
    for (const Input& input : inputs) {
      const Transition transition = Apply(state, input, kNow);
      EXPECT_GE(transition.next.record.view().state(), state.record.view().state());
      ASSERT_GE(transition.next.steps.size(), state.steps.size());
      EXPECT_GE(transition.next.steps[0].view().state(), state.steps[0].view().state());
    }
  });
}

TEST(TransitionTable, ChangesNothingAfterTheEnd) {
  const std::vector<Input> inputs = AllInputs();
  VisitAllStates([&](const DeploymentState& state) {
    if (!IsTerminal(state.record.view().state())) return;
    for (const Input& input : inputs) {
      const Transition transition = Apply(state, input, kNow);
      EXPECT_FALSE(transition.record_changed);
      EXPECT_THAT(transition.changed_steps, IsEmpty());
      EXPECT_THAT(transition.events, IsEmpty());
      EXPECT_THAT(transition.releases, IsEmpty());
      EXPECT_FALSE(transition.release_lock);
      for (const Effect& effect : transition.effects) {
        EXPECT_TRUE(std::holds_alternative<AckStep>(effect));
      }
    }
  });
}

TEST(TransitionTable, FollowsEveryRunningStepOnlyByItsOwnIdAndAttempt) {
  const DeploymentState state = StateWith(v1::RUNNING, v1::STEP_STARTED, true, v1::RELEASE);
  WorkerResult result;
  result.set_outcome(WorkerResult::SUCCEEDED);
  EXPECT_FALSE(Apply(state, StepFinished{"d-1-01", 2, result}, kNow).record_changed);
  EXPECT_FALSE(Apply(state, StepFinished{"d-2-01", 1, result}, kNow).record_changed);
  EXPECT_TRUE(Apply(state, StepFinished{"d-1-01", 1, result}, kNow).record_changed);
}

TEST(StepStarted, KeepsTheFirstJournalOfAHost) {
  DeploymentState state = StateWith(v1::RUNNING, v1::STEP_STARTED, true, v1::RELEASE);
  state.steps.push_back(state.steps[0]);
  state.steps[1].mutable_view()->set_id("d-1-02");
  state = Apply(state, StepStarted{"d-1-01", 1, "first"}, kNow).next;
  EXPECT_TRUE(state.steps[0].confirmed_started());
  state = Apply(state, StepStarted{"d-1-02", 1, "second"}, kNow).next;
  EXPECT_TRUE(state.steps[1].confirmed_started());
  EXPECT_EQ(state.journals.at("h1"), "first");
  EXPECT_EQ(Assemble(state.record, state.steps).journals, state.journals);
}

TEST(StepFinished, KeepsOutputsAndSummary) {
  const DeploymentState state = StateWith(v1::RUNNING, v1::STEP_STARTED, true, v1::RELEASE);
  WorkerResult result;
  result.set_outcome(WorkerResult::SUCCEEDED);
  result.mutable_outputs()->set_summary("started in 120 ms");
  result.mutable_outputs()->mutable_container()->set_container_id("c1");
  const Transition transition = Apply(state, StepFinished{"d-1-01", 1, result}, kNow);
  EXPECT_EQ(transition.next.steps[0].view().summary(), "started in 120 ms");
  EXPECT_EQ(transition.next.steps[0].outputs().container().container_id(), "c1");
}

// The apps would be stopped next.
TEST(WorkerLost, FailsAlsoATaskThatMayFailWhereTheHostCanBeginNothing) {
  state::v1::StepRecord task;
  task.set_warn_only(true);
  task.mutable_view()->set_phase(v1::DATABASE);
  for (const v1::FailureCode code : {v1::HOST_UNREACHABLE, v1::DISK_FULL}) {
    EXPECT_EQ(OutcomeOfLost(task, MakeFailure(code, "")).state, v1::STEP_FAILED);
  }
  EXPECT_EQ(OutcomeOfLost(task, MakeFailure(v1::WRONG_STATE, "")).state, v1::STEP_WARNED);
}

TEST(StepLogged, PassesLinesOfAnotherContainerWhateverTheirTime) {
  DeploymentState state = StateWith(v1::RUNNING, v1::STEP_STARTED, true, v1::RELEASE);
  const auto feed = [&](const std::string& container, int64_t nanos, int ordinal) {
    StepLogged input{1, {}};
    input.log.set_step_id("d-1-01");
    input.log.mutable_position()->set_container_id(container);
    input.log.mutable_position()->set_time_unix_nanos(nanos);
    input.log.mutable_position()->set_ordinal(ordinal);
    Transition transition = Apply(state, input, kNow);
    state = std::move(transition.next);
    return !transition.events.empty();
  };
  EXPECT_TRUE(feed("a", 10, 0));
  EXPECT_FALSE(feed("a", 10, 0));
  EXPECT_TRUE(feed("a", 10, 1));
  EXPECT_FALSE(feed("a", 9, 5));
  EXPECT_TRUE(feed("b", 1, 0));
}

TEST(StepLogged, LeavesTheDeploymentsRecordAlone) {
  const DeploymentState state = StateWith(v1::RUNNING, v1::STEP_STARTED, true, v1::RELEASE);
  StepLogged input{1, {}};
  input.log.set_step_id("d-1-01");
  const Transition transition = Apply(state, input, kNow);
  ASSERT_EQ(transition.events.size(), 1u);
  EXPECT_FALSE(transition.record_changed);
  EXPECT_EQ(transition.next.record.view().last_sequence(), transition.events[0].sequence());
}

}  // namespace
}  // namespace davit::core
