#include "controller/core/machine/step_outcome.h"

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/core/proto_time.h"
#include "controller/core/restoration/older_secret.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;

StepOutcome Failed(const StepRecord& step, const v1::Failure& failure) {
  if (step.warn_only()) return {v1::STEP_WARNED, Gravity::kFine, failure};
  return {v1::STEP_FAILED, Gravity::kFailure, failure};
}

// Steps of a rollback have no inverse, and all of them count; nor has what is done to
// databases: a migration or a task, or a restore, which leaves the one or the other. Only a
// backup changes nothing, and what is loaded nobody uses: its inverse finds out what there is.
bool ChangesTheWorld(const StepRecord& step) {
  const v1::Phase phase = step.view().phase();
  if (step.spec().has_load_backup()) return false;
  return step.has_inverse() || phase == v1::ROLLBACK || step.spec().has_restore_database() ||
         (phase == v1::DATABASE && !step.spec().has_backup_database());
}

StepOutcome Unknown(const StepRecord& step, const v1::Failure& failure) {
  if (step.warn_only() || !ChangesTheWorld(step)) return Failed(step, failure);
  return {v1::STEP_UNKNOWN_OUTCOME, Gravity::kUnknown, failure};
}

v1::Failure FailureFrom(const StepRecord& step, const worker::v1::StepFinished& result,
                        v1::FailureCode otherwise, absl::string_view what) {
  if (result.has_failure()) return result.failure();
  return MakeFailure(otherwise,
                     absl::StrCat(step.view().title(), " on ", step.view().host(), " ", what));
}

StepOutcome Cancelled(const state::v1::DeploymentRecord& record, const StepRecord& step,
                      const worker::v1::StepFinished& result) {
  const bool deployment_ends = record.intent() != state::v1::INTENT_UNSPECIFIED;
  if (deployment_ends && step.view().phase() != v1::ROLLBACK) {
    return {v1::STEP_CANCELLED, Gravity::kFailure,
            FailureFrom(step, result, v1::CANCELLED_BY_USER, "was cancelled")};
  }
  if (!step.cancel_sent()) {
    return Failed(step, FailureFrom(step, result, v1::INTERNAL, "was cancelled by nobody"));
  }
  // Only its timer can have cancelled it.
  return Failed(
      step, MakeFailure(
                v1::STEP_TIMEOUT,
                absl::StrCat(step.view().title(), " on ", step.view().host(), " took longer than ",
                             absl::FormatDuration(FromProto(step.view().timeout())))));
}

// A task may fail where it is only wished for, but a host that is away, or has no room to begin
// anything, must not be found out when the apps are stopped already.
bool MustBeThere(const StepRecord& step, const v1::Failure& failure) {
  return step.view().phase() == v1::DATABASE && step.warn_only() &&
         (failure.code() == v1::HOST_UNREACHABLE || failure.code() == v1::DISK_FULL);
}

StepOutcome FailedAs(const state::v1::DeploymentRecord& record, const StepRecord& step,
                     v1::Failure failure) {
  ExplainOlderSecret(record, step, failure);
  return Failed(step, failure);
}

}  // namespace

StepOutcome OutcomeOf(const state::v1::DeploymentRecord& record, const StepRecord& step,
                      const worker::v1::StepFinished& result) {
  switch (result.outcome()) {
    case worker::v1::StepFinished::SUCCEEDED:
      return {v1::STEP_SUCCEEDED, Gravity::kFine, std::nullopt};
    case worker::v1::StepFinished::FAILED:
      return FailedAs(record, step,
                      FailureFrom(step, result, v1::INTERNAL, "failed without a reason"));
    case worker::v1::StepFinished::CANCELLED:
      return Cancelled(record, step, result);
    default:
      return Unknown(step, FailureFrom(step, result, v1::STEP_UNKNOWN, "has no known outcome"));
  }
}

StepOutcome OutcomeOfLost(const StepRecord& step, const v1::Failure& failure) {
  if (MustBeThere(step, failure)) return {v1::STEP_FAILED, Gravity::kFailure, failure};
  return Unknown(step, failure);
}

}  // namespace davit::core
