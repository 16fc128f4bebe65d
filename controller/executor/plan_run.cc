#include "controller/executor/plan_run.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/core/comparison/changes.h"
#include "controller/core/plan/foresight.h"
#include "controller/executor/memory_run.h"

namespace davit::executor {
namespace {

bool Surveying(const core::DeploymentState& state) {
  return state.record.view().state() == v1::PENDING;
}

// The plan's steps as they are before a deployment: the state machine has
// already begun with the first ones.
void SetBack(v1::Step& step) {
  step.set_state(v1::STEP_PENDING);
  step.set_attempt(0);
  step.clear_start_time();
}

v1::Deployment PlannedView(const core::DeploymentState& state) {
  v1::Deployment view = state.record.view();
  view.set_state(v1::PENDING);
  for (const state::v1::StepRecord& step : state.steps) {
    *view.add_steps() = step.view();
    if (step.view().phase() != v1::SUBMIT) SetBack(*view.mutable_steps()->rbegin());
  }
  return view;
}

absl::Status NoAnswer(const std::string& hosts) {
  return FailureStatus(v1::HOST_UNREACHABLE, absl::StrCat("No answer in time from ", hosts, "."),
                       {absl::StrCat("waited for: ", hosts)});
}

}  // namespace

absl::StatusOr<v1::PlanDeploymentResponse> RunPlan(const fleet::Fleet& fleet, SecretSource& secrets,
                                                   const Clock& clock, core::DeploymentState state,
                                                   absl::Time deadline) {
  MemoryRun run(fleet, secrets, clock, std::move(state), Surveying);
  run.Feed(core::Submitted{});
  while (Surveying(run.state())) {
    const std::optional<core::Input> input = run.AwaitInput(deadline);
    if (!input.has_value()) {
      run.CancelRunning();
      return NoAnswer(run.BusyHosts());
    }
    run.Feed(*input);
  }
  const v1::Deployment& view = run.state().record.view();
  if (view.has_failure()) return FailureStatus(view.failure());
  v1::PlanDeploymentResponse response;
  *response.mutable_deployment() = PlannedView(run.state());
  for (std::string& note : core::PlanNotes(run.state())) response.add_notes(std::move(note));
  for (v1::AppChange& change : core::ChangesOf(run.state())) {
    *response.add_changes() = std::move(change);
  }
  for (std::string& sentence : core::RollbackForeseen(run.state())) {
    response.add_rollback(std::move(sentence));
  }
  return response;
}

}  // namespace davit::executor
