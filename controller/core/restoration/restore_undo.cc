#include "controller/core/restoration/restore_undo.h"

#include <algorithm>

#include "controller/core/database/work.h"

namespace davit::core {

using state::v1::StepRecord;

bool IsBack(const DeploymentState& state, const StepRecord& stop) {
  const std::string& id = stop.spec().stop_container().container_id();
  return std::any_of(state.steps.begin(), state.steps.end(), [&](const StepRecord& step) {
    return step.spec().has_put_back() && step.spec().put_back().container_id() == id &&
           step.view().host() == stop.view().host() && step.view().state() == v1::STEP_SUCCEEDED;
  });
}

bool MayBeInPlace(const DeploymentState& state, const StepRecord& load) {
  return std::any_of(state.steps.begin(), state.steps.end(), [&](const StepRecord& step) {
    const v1::StepState ended = step.view().state();
    return step.spec().has_restore_database() &&
           (ended == v1::STEP_SUCCEEDED || ended == v1::STEP_UNKNOWN_OUTCOME) &&
           step.spec().restore_database().loading_step_id() == load.view().id();
  });
}

bool IsChecked(const DeploymentState& state, const std::string& host, const std::string& name) {
  return std::any_of(state.steps.begin(), state.steps.end(), [&](const StepRecord& step) {
    const v1::StepState ended = step.view().state();
    return step.spec().has_check_health() && step.view().phase() != v1::CONFIRM &&
           step.view().host() == host && step.spec().check_health().container() == name &&
           (ended == v1::STEP_SUCCEEDED || ended == v1::STEP_FAILED);
  });
}

bool StartsWhatWasDown(const DeploymentState& state, const StepRecord& step) {
  if (!step.spec().has_put_back() || step.view().phase() == v1::ROLLBACK) return false;
  const std::string& id = step.spec().put_back().container_id();
  return std::none_of(state.steps.begin(), state.steps.end(), [&](const StepRecord& other) {
    return other.spec().has_stop_container() &&
           other.spec().stop_container().container_id() == id &&
           other.view().host() == step.view().host();
  });
}

bool PutsContainersInDoubt(const DeploymentState& state, const StepRecord& step) {
  if (step.view().state() != v1::STEP_UNKNOWN_OUTCOME) return false;
  if (step.spec().has_restore_database()) return false;
  return !step.spec().has_stop_container() || !PutsBackupsInPlace(state.record.request());
}

}  // namespace davit::core
