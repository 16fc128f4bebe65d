#include "controller/executor/creation.h"

#include <string>

#include "controller/core/database/work.h"
#include "controller/core/proto_time.h"
#include "controller/executor/deployment_args.h"
#include "controller/executor/refusal.h"

namespace davit::executor {
namespace {

// Takes the lock for deployment `id` and returns its new fence.
absl::StatusOr<int64_t> TakeLock(store::Txn& txn, const v1::DeploymentRequest& request,
                                 const std::string& id, absl::Time now) {
  auto held = txn.GetLock(request.spec().project(), request.spec().environment());
  if (!held.ok()) return held.status();
  if (held->has_value() && !(*held)->deployment_id().empty()) return LockHeld(**held);
  state::v1::LockRecord lock = held->value_or(state::v1::LockRecord());
  lock.set_project(request.spec().project());
  lock.set_environment(request.spec().environment());
  lock.set_deployment_id(id);
  lock.set_holder(request.submitted_by());
  *lock.mutable_acquire_time() = core::ToProto(now);
  lock.set_fence(lock.fence() + 1);
  if (absl::Status status = txn.PutLock(lock); !status.ok()) return status;
  return lock.fence();
}

}  // namespace

absl::Status CheckHosts(const fleet::Fleet& fleet, const v1::DeploymentRequest& request) {
  for (const std::string& host : core::HostsConcerned(request)) {
    if (const auto worker = fleet.Find(host); !worker.ok()) return worker.status();
  }
  return absl::OkStatus();
}

absl::StatusOr<core::DeploymentState> MakeLockedDeployment(
    store::Txn& txn, const fleet::Fleet& fleet, const v1::CreateDeploymentRequest& request,
    absl::Time now) {
  const v1::DeploymentRequest& deployment = request.deployment();
  if (absl::Status status = CheckHosts(fleet, deployment); !status.ok()) return status;
  auto args = ReadArgs(txn, deployment, now);
  if (!args.ok()) return args.status();
  const auto fence = TakeLock(txn, deployment, args->id, now);
  if (!fence.ok()) return fence.status();
  args->request_id = request.request_id();
  args->fence = *fence;
  return core::NewDeployment(*args, now);
}

}  // namespace davit::executor
