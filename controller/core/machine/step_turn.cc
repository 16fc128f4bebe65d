#include "controller/core/machine/step_turn.h"

#include <algorithm>
#include <set>
#include <string>

#include "controller/core/names.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;

// A rollback goes on past what failed, but checks nothing that is not there.
Turn TurnInRollback(const DeploymentState& state, const StepRecord& step) {
  for (const int index : step.after()) {
    const StepRecord& before = state.steps[index];
    if (!IsTerminal(before.view().state())) return Turn::kNotYet;
    if (step.spec().has_check_health() && !Succeeded(before)) return Turn::kNever;
  }
  return Turn::kNow;
}

// A preflight looks at what is left, and what it, a check or a wait has found is no reason
// not to look for more.
bool GoesOnAfter(const StepRecord& step, const StepRecord& failed) {
  if (step.spec().has_preflight()) return true;
  return failed.view().state() != v1::STEP_SKIPPED &&
         (failed.spec().has_preflight() || failed.spec().has_run_one_off() ||
          failed.spec().has_wait_database());
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

}  // namespace

bool Succeeded(const StepRecord& step) {
  return step.view().state() == v1::STEP_SUCCEEDED || step.view().state() == v1::STEP_WARNED;
}

bool Passed(const state::v1::DeploymentRecord& record, const StepRecord& step) {
  return record.check_only() ? IsTerminal(step.view().state()) : Succeeded(step);
}

Turn TurnOf(const DeploymentState& state, const StepRecord& step, int open) {
  if (step.view().phase() == v1::ROLLBACK) return TurnInRollback(state, step);
  if (step.view().wave() > open) return Turn::kNotYet;
  if (state.record.check_only()) return TurnInCheck(state, step);
  for (const int index : step.after()) {
    if (!Succeeded(state.steps[index])) return Turn::kNotYet;
  }
  return Turn::kNow;
}

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

}  // namespace davit::core
