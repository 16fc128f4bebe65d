#include "controller/core/deployment_state.h"

#include <utility>

namespace davit::core {

DeploymentState Assemble(state::v1::DeploymentRecord record,
                         std::vector<state::v1::StepRecord> steps) {
  DeploymentState state{.record = std::move(record), .steps = std::move(steps)};
  for (const state::v1::StepRecord& step : state.steps) {
    if (!step.journal_id().empty()) state.journals.emplace(step.view().host(), step.journal_id());
  }
  return state;
}

}  // namespace davit::core
