#include "controller/core/step_control.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/numbers.h"
#include "controller/core/inverse.h"
#include "controller/core/names.h"
#include "controller/core/proto_time.h"
#include "controller/core/step_timeout.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;

enum class Turn { kNotYet, kNow, kNever };

bool Succeeded(const StepRecord& step) {
  return step.view().state() == v1::STEP_SUCCEEDED || step.view().state() == v1::STEP_WARNED;
}

// A rollback goes on past what failed, but checks nothing that is not there.
Turn TurnInRollback(const DeploymentState& state, const StepRecord& step) {
  for (const int index : step.after()) {
    const StepRecord& before = state.steps[index];
    if (!IsTerminal(before.view().state())) return Turn::kNotYet;
    if (step.spec().has_check_health() && !Succeeded(before)) return Turn::kNever;
  }
  return Turn::kNow;
}

// A preflight looks at what is left, and what it or a check has found is no reason not
// to look for more.
bool GoesOnAfter(const StepRecord& step, const StepRecord& failed) {
  if (step.spec().has_preflight()) return true;
  return failed.view().state() != v1::STEP_SKIPPED &&
         (failed.spec().has_preflight() || failed.spec().has_run_one_off());
}

// Who only checks wants to know of everything, so one failure does not hide others.
Turn TurnInCheck(const DeploymentState& state, const StepRecord& step) {
  for (const int index : step.after()) {
    const StepRecord& before = state.steps[index];
    if (!IsTerminal(before.view().state())) return Turn::kNotYet;
    if (!Succeeded(before) && !GoesOnAfter(step, before)) return Turn::kNever;
  }
  return Turn::kNow;
}

// Whether it is the turn of a step, when the steps before it have got as far as `open`:
// the lowest wave in which not all have succeeded.
Turn TurnOf(const DeploymentState& state, const StepRecord& step, int open) {
  if (step.view().phase() == v1::ROLLBACK) return TurnInRollback(state, step);
  if (step.view().wave() > open) return Turn::kNotYet;
  if (state.record.check_only()) return TurnInCheck(state, step);
  for (const int index : step.after()) {
    if (!Succeeded(state.steps[index])) return Turn::kNotYet;
  }
  return Turn::kNow;
}

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

bool Passed(const state::v1::DeploymentRecord& record, const StepRecord& step) {
  return record.check_only() ? IsTerminal(step.view().state()) : Succeeded(step);
}

// Apps whose own preparation on `host` has failed, or was left out for that.
std::set<std::string> FailedApps(const DeploymentState& state, const std::string& host) {
  std::set<std::string> apps;
  for (const StepRecord& step : state.steps) {
    const v1::Step& view = step.view();
    if (view.host() != host || view.phase() != v1::PREPARE || !IsTerminal(view.state())) continue;
    if (!Succeeded(step)) apps.insert(view.app());
  }
  return apps;
}

void RemoveApps(const std::set<std::string>& apps,
                google::protobuf::RepeatedPtrField<worker::v1::ContainerSpec>& containers) {
  const auto failed = [&](const worker::v1::ContainerSpec& container) {
    return apps.contains(container.labels().at(kAppLabel));
  };
  containers.erase(std::remove_if(containers.begin(), containers.end(), failed), containers.end());
}

// In a check, what is done for all apps of a host is done for those that have got so
// far. Returns whether there is any.
bool LeaveOutFailedApps(TransitionBuilder& builder, int index) {
  if (!builder.record().check_only() || builder.step(index).view().phase() != v1::PREPARE) {
    return true;
  }
  StepRecord& step = builder.MutableStep(index);
  const std::set<std::string> failed = FailedApps(builder.state(), step.view().host());
  if (step.spec().has_preflight()) {
    auto& containers = *step.mutable_spec()->mutable_preflight()->mutable_containers();
    RemoveApps(failed, containers);
    return !containers.empty();
  }
  if (step.spec().has_create_resources()) {
    auto& containers = *step.mutable_spec()->mutable_create_resources()->mutable_containers();
    RemoveApps(failed, containers);
    return !containers.empty();
  }
  return true;
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
    if (also_changing || !step.has_inverse()) CancelRunningStep(builder, index);
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
