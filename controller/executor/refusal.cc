#include "controller/executor/refusal.h"

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/failure/failure.h"
#include "controller/core/proto_time.h"

namespace davit::executor {
namespace {

std::string InWords(v1::DeploymentState state) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(v1::DeploymentState_Name(state)), {{"_", " "}});
}

}  // namespace

bool IsRefusal(const absl::Status& status) {
  bool carries_failure = false;
  status.ForEachPayload([&](absl::string_view, const absl::Cord&) { carries_failure = true; });
  return carries_failure && !IsFailure(status, v1::DISK_FULL);
}

absl::Status StoreFailure(const absl::Status& status) {
  if (IsFailure(status, v1::DISK_FULL)) return status;
  v1::Failure failure =
      MakeFailure(v1::INTERNAL, absl::StrCat("The controller's store failed: ", status.message()));
  failure.clear_likely_cause();
  failure.set_next_command("look into the controller's log, then try again");
  failure.set_retryable(true);
  return FailureStatus(failure);
}

absl::Status LockHeld(const state::v1::LockRecord& lock) {
  const std::string since = absl::FormatTime(
      absl::RFC3339_sec, core::FromProto(lock.acquire_time()), absl::UTCTimeZone());
  v1::Failure failure =
      MakeFailure(v1::LOCK_HELD,
                  absl::StrCat("Environment ", lock.environment(), " of ", lock.project(),
                               " is held by deployment ", lock.deployment_id(), " of ",
                               lock.holder(), " since ", since, "."),
                  {absl::StrCat("deployment: ", lock.deployment_id()),
                   absl::StrCat("holder: ", lock.holder()), absl::StrCat("since: ", since)});
  failure.set_next_command(absl::StrCat("davit watch ", lock.deployment_id()));
  return FailureStatus(failure);
}

absl::Status NoSuchDeployment(absl::string_view id) {
  return FailureStatus(v1::NOT_FOUND, absl::StrCat("There is no deployment ", id, "."));
}

absl::Status HasEnded(const v1::Deployment& deployment) {
  return FailureStatus(v1::WRONG_STATE, absl::StrCat("Deployment ", deployment.id(), " has ended: ",
                                                     InWords(deployment.state()), "."));
}

absl::Status Stopping() {
  return FailureStatus(v1::CONTROLLER_UNREACHABLE, "The controller is stopping.");
}

}  // namespace davit::executor
