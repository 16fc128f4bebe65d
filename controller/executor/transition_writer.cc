#include "controller/executor/transition_writer.h"

namespace davit::executor {
namespace {

// Frees the environment's lock, if it is still `deployment`'s. The fence stays:
// the next holder's must be higher.
absl::Status ReleaseLock(store::Txn& txn, const v1::Deployment& deployment) {
  auto lock = txn.GetLock(deployment.project(), deployment.environment());
  if (!lock.ok()) return lock.status();
  if (!lock->has_value() || (*lock)->deployment_id() != deployment.id()) return absl::OkStatus();
  (*lock)->clear_deployment_id();
  (*lock)->clear_holder();
  (*lock)->clear_acquire_time();
  return txn.PutLock(**lock);
}

absl::Status WriteSteps(store::Txn& txn, const core::Transition& transition) {
  const std::string& id = transition.next.record.view().id();
  for (const int index : transition.changed_steps) {
    absl::Status status = txn.PutStep(id, index, transition.next.steps.at(index));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status WriteReleases(store::Txn& txn, const core::Transition& transition) {
  for (const state::v1::ReleaseRecord& release : transition.releases) {
    if (absl::Status status = txn.PutRelease(release); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteTransition(store::Txn& txn, const core::Transition& transition) {
  const state::v1::DeploymentRecord& record = transition.next.record;
  absl::Status status;
  if (transition.record_changed) status = txn.PutDeployment(record);
  if (status.ok()) status = WriteSteps(txn, transition);
  if (status.ok() && !transition.events.empty()) status = txn.AppendEvents(transition.events);
  if (status.ok()) status = WriteReleases(txn, transition);
  if (status.ok() && transition.release_lock) status = ReleaseLock(txn, record.view());
  return status;
}

}  // namespace davit::executor
