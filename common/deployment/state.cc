#include "common/deployment/state.h"

namespace davit {

bool IsTerminal(v1::DeploymentState state) {
  switch (state) {
    case v1::SUCCEEDED:
    case v1::ROLLED_BACK:
    case v1::FAILED:
    case v1::CANCELLED:
    case v1::NEEDS_ATTENTION:
      return true;
    default:
      return false;
  }
}

bool IsTerminal(v1::StepState state) {
  switch (state) {
    case v1::STEP_SUCCEEDED:
    case v1::STEP_WARNED:
    case v1::STEP_FAILED:
    case v1::STEP_CANCELLED:
    case v1::STEP_UNKNOWN_OUTCOME:
    case v1::STEP_SKIPPED:
      return true;
    default:
      return false;
  }
}

}  // namespace davit
