#include "client/commands/invocation/exit_code.h"

#include "common/failure/failure.h"

namespace davit::commands {
namespace {

bool IsUnreachable(v1::FailureCode code) {
  switch (code) {
    case v1::HOST_UNREACHABLE:
    case v1::CONTROLLER_UNREACHABLE:
    case v1::HOST_NOT_ADOPTED:
    case v1::NOT_AUTHORISED:
    case v1::DOCKER_UNREACHABLE:
      return true;
    default:
      return false;
  }
}

}  // namespace

int ExitCodeOf(const v1::Deployment& deployment) {
  switch (deployment.state()) {
    case v1::SUCCEEDED:
      return kLive;
    case v1::ROLLED_BACK:
      return kRolledBack;
    case v1::FAILED:
      return IsUnreachable(deployment.failure().code()) ? kUnreachable : kFailed;
    case v1::CANCELLED:
      return kCancelled;
    case v1::NEEDS_ATTENTION:
      return kNeedsAttention;
    default:
      return kWatchingEnded;
  }
}

int ExitCodeOf(const absl::Status& error) {
  if (error.ok()) return kLive;
  const v1::FailureCode code = FailureOf(error).code();
  if (IsUnreachable(code)) return kUnreachable;
  switch (code) {
    case v1::SPEC_INVALID:
    case v1::NOT_FOUND:
    case v1::HOST_UNKNOWN:
    case v1::HOST_EXISTS:
    // Known before anything was begun.
    case v1::SECRET_MISSING:
    case v1::VARIABLE_MISSING:
    case v1::FILE_FORMAT:
      return kBadInput;
    case v1::LOCK_HELD:
      return kLockHeld;
    case v1::CANCELLED_BY_USER:
      return kCancelled;
    case v1::STEP_UNKNOWN:
    case v1::ONE_OFF_INTERRUPTED:
    case v1::ROLLBACK_FAILED:
      return kNeedsAttention;
    default:
      return kFailed;
  }
}

}  // namespace davit::commands
