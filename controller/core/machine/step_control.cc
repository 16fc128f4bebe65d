#include "controller/core/machine/step_control.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "controller/core/machine/step_turn.h"
#include "controller/core/names.h"
#include "controller/core/plan/inverse.h"
#include "controller/core/plan/step_timeout.h"
#include "controller/core/proto_time.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;

// A container that this deployment has started is renamed by its id: after a
// half-done switch, the names alone could mean the wrong one.
void BindRenames(TransitionBuilder& builder, int index) {
  StepRecord& step = builder.MutableStep(index);
  for (worker::v1::Rename& rename :
       *step.mutable_spec()->mutable_switch_name()->mutable_renames()) {
    if (!rename.container_id().empty()) continue;
    const std::optional<int> start = FindStep(builder.state(), StepOfCandidate(rename.from()));
    if (!start.has_value()) continue;
    rename.set_container_id(builder.step(*start).outputs().container().container_id());
  }
  if (auto inverse = InverseOf(step.spec(), {.step_id = step.view().id()})) {
    if (step.has_inverse()) *step.mutable_inverse() = *std::move(inverse);
  }
}

void StartStep(TransitionBuilder& builder, int index) {
  if (builder.step(index).spec().has_switch_name()) BindRenames(builder, index);
  StepRecord& step = builder.MutableStep(index);
  const absl::Time deadline = builder.now() + FromProto(step.view().timeout()) + kTimerGrace;
  step.mutable_view()->set_attempt(step.view().attempt() + 1);
  *step.mutable_view()->mutable_start_time() = ToProto(builder.now());
  *step.mutable_deadline() = ToProto(deadline);
  if (step.has_inverse() && !builder.record().changed()) builder.MutableRecord().set_changed(true);
  builder.SetStepState(index, v1::STEP_STARTED);
  builder.Do(RunStep{index});
  builder.Do(ArmTimer{index, deadline});
}

}  // namespace

std::optional<int> FindStep(const DeploymentState& state, absl::string_view step_id) {
  const size_t dash = step_id.rfind('-');
  int number = 0;
  if (dash == absl::string_view::npos || !absl::SimpleAtoi(step_id.substr(dash + 1), &number)) {
    return std::nullopt;
  }
  if (number < 1 || number > static_cast<int>(state.steps.size())) return std::nullopt;
  if (state.steps[number - 1].view().id() != step_id) return std::nullopt;
  return number - 1;
}

bool AnyRunning(const DeploymentState& state) {
  return std::any_of(state.steps.begin(), state.steps.end(), [](const StepRecord& step) {
    return step.view().state() == v1::STEP_STARTED;
  });
}

// A plan has its waves in order, so the first step that has not succeeded says which is open.
bool StartReadySteps(TransitionBuilder& builder) {
  bool unfinished = false;
  std::optional<int> open;
  for (int index = builder.Settle(Succeeded); index < builder.step_count(); ++index) {
    const StepRecord& step = builder.step(index);
    if (!open.has_value() && !Passed(builder.record(), step)) open = step.view().wave();
    if (step.view().state() == v1::STEP_PENDING) {
      Turn turn = TurnOf(builder.state(), step, open.value_or(0));
      if (turn == Turn::kNow && !LeaveOutFailedApps(builder, index)) turn = Turn::kNever;
      if (turn == Turn::kNow) StartStep(builder, index);
      if (turn == Turn::kNever) builder.SetStepState(index, v1::STEP_SKIPPED);
    }
    unfinished = unfinished || !IsTerminal(step.view().state());
  }
  return unfinished;
}

void CancelRunningStep(TransitionBuilder& builder, int index) {
  if (builder.step(index).cancel_sent()) return;
  StepRecord& step = builder.MutableStep(index);
  const absl::Time deadline = builder.now() + kCancelGrace;
  step.set_cancel_sent(true);
  *step.mutable_deadline() = ToProto(deadline);
  builder.Do(CancelStep{index});
  builder.Do(ArmTimer{index, deadline});
}

void CancelRunningSteps(TransitionBuilder& builder, bool also_changing) {
  for (int index = 0; index < builder.step_count(); ++index) {
    const StepRecord& step = builder.step(index);
    if (step.view().state() != v1::STEP_STARTED) continue;
    if (!also_changing && step.spec().has_put_back()) continue;  // it is as it shall be
    // A load may take hours, and leaves nothing.
    const bool ends_early = !step.has_inverse() || step.spec().has_load_backup();
    if (also_changing || ends_early) CancelRunningStep(builder, index);
  }
}

void SkipPendingSteps(TransitionBuilder& builder, absl::string_view host) {
  for (int index = 0; index < builder.step_count(); ++index) {
    const v1::Step& view = builder.step(index).view();
    if (view.state() != v1::STEP_PENDING || (!host.empty() && view.host() != host)) continue;
    builder.SetStepState(index, v1::STEP_SKIPPED);
  }
}

}  // namespace davit::core
