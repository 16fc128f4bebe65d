#include "controller/executor/executor.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "controller/core/database/work.h"
#include "controller/executor/backups_url.h"
#include "controller/executor/creation.h"
#include "controller/executor/env_mount_check.h"
#include "controller/executor/executor_impl.h"
#include "controller/executor/left_behind.h"
#include "controller/executor/older_urls.h"
#include "controller/executor/other_users.h"
#include "controller/executor/refusal.h"
#include "controller/executor/secret_versions.h"

namespace davit::executor {

Executor::Executor(store::Store& store, const fleet::Fleet& fleet, SecretSource& secrets,
                   const Clock& clock, JournalHub& hub, const ExecutorOptions& options)
    : impl_(std::make_unique<Impl>(store, fleet, secrets, clock, hub, options)) {}

Executor::~Executor() = default;

absl::Status Executor::Start() { return impl_->Start(); }

void Executor::Stop() { impl_->Stop(); }

absl::StatusOr<v1::Deployment> Executor::Create(const v1::CreateDeploymentRequest& request) {
  return impl_->Create(request);
}

absl::StatusOr<v1::Deployment> Executor::Cancel(absl::string_view deployment_id,
                                                absl::string_view by) {
  const auto reply = std::make_shared<Reply>();
  return impl_->Ask(CancelWork{std::string(deployment_id), std::string(by), reply}, reply);
}

absl::StatusOr<v1::PlanDeploymentResponse> Executor::Plan(const v1::DeploymentRequest& request,
                                                          absl::Time deadline) {
  return impl_->Plan(request, deadline);
}

absl::StatusOr<v1::CheckDeploymentResponse> Executor::Check(const v1::DeploymentRequest& request,
                                                            absl::Time deadline,
                                                            absl::FunctionRef<bool()> client_gone) {
  return impl_->Check(request, deadline, client_gone);
}

void Executor::CheckTimers() { impl_->CheckTimers(); }

Executor::Impl::Impl(store::Store& store, const fleet::Fleet& fleet, SecretSource& secrets,
                     const Clock& clock, JournalHub& hub, const ExecutorOptions& options)
    : store_(store),
      fleet_(fleet),
      secrets_(secrets),
      clock_(clock),
      hub_(hub),
      options_(options),
      queue_(std::make_shared<WorkQueue>(options.queue_capacity)),
      timers_(clock, [queue = queue_](InputWork work) { queue->Push(std::move(work)); }),
      committer_(store, fleet, clock) {}

absl::Status Executor::Impl::Start() {
  if (thread_.joinable()) return absl::FailedPreconditionError("The executor runs already.");
  std::vector<std::string> unfinished;
  absl::Status status = store_.View([&](store::ReadTxn& txn) {
    auto ids = txn.UnfinishedDeployments();
    if (!ids.ok()) return ids.status();
    unfinished = *std::move(ids);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  queue_->Open();
  for (std::string& id : unfinished) {
    spdlog::info("deployment {}: goes on", id);
    queue_->Push(InputWork{std::move(id), core::Restarted{}});
  }
  timers_.Start();
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void Executor::Impl::Stop() {
  for (const Work& work : queue_->Close()) {
    if (Reply* reply = ReplyOf(work)) reply->Resolve(Stopping());
  }
  if (thread_.joinable()) thread_.join();
  timers_.Stop();  // second: the other thread may arm one while it ends
  committer_.Clear();
}

absl::StatusOr<v1::Deployment> Executor::Impl::Ask(Work work, std::shared_ptr<Reply> reply) {
  if (!queue_->Push(std::move(work))) return Stopping();
  auto result = reply->Await(absl::Now() + options_.patience);
  if (absl::IsDeadlineExceeded(result.status())) return StoreFailure(result.status());
  return result;
}

absl::StatusOr<v1::Deployment> Executor::Impl::Create(const v1::CreateDeploymentRequest& request) {
  // One that was made gets its answer, however its hosts are by now.
  if (!IsKnown(request.request_id())) {
    const absl::Status ready = CheckReady(request.deployment(), absl::InfiniteFuture());
    if (!ready.ok()) return ready;
    const absl::Status values = CheckValues(request.deployment());
    if (!values.ok()) return values;
    const absl::Status restorable = CheckRollback(request.deployment());
    if (!restorable.ok()) return restorable;
  }
  const auto reply = std::make_shared<Reply>();
  return Ask(CreateWork{request, reply, NotesFor(request.deployment())}, reply);
}

std::vector<std::string> Executor::Impl::NotesFor(const v1::DeploymentRequest& request) {
  std::vector<std::string> notes;
  // What is wrong with the request, or with the store, the commit says.
  store_
      .View([&](store::ReadTxn& txn) {
        auto found = LeftBehind(txn, fleet_, request);
        if (!found.ok()) return found.status();
        notes = *std::move(found);
        return absl::OkStatus();
      })
      .IgnoreError();
  if (!request.has_restore() && !request.has_rollback()) return notes;
  const auto state = MakeUnlocked(request, /*check_only=*/false);
  if (!state.ok()) return notes;
  for (std::string& note : NotesOfBackupsUrl(store_, secrets_, *state)) {
    notes.push_back(std::move(note));
  }
  for (std::string& note : CompareOlderUrls(store_, secrets_, *state).notes) {
    notes.push_back(std::move(note));
  }
  for (std::string& note : NotesOfOtherUsers(store_, secrets_, *state)) {
    notes.push_back(std::move(note));
  }
  return notes;
}

absl::Status Executor::Impl::CheckValues(const v1::DeploymentRequest& request) {
  std::vector<worker::v1::SecretUse> uses;
  // What is wrong with the request, or with the store, the commit says.
  store_
      .View([&](store::ReadTxn& txn) {
        auto found = ResolveSecrets(txn, request);
        if (!found.ok()) return found.status();
        uses = *std::move(found);
        return absl::OkStatus();
      })
      .IgnoreError();
  return CheckEnvMounts(secrets_, request, uses);
}

bool Executor::Impl::IsKnown(const std::string& request_id) {
  bool known = false;
  const absl::Status status = store_.View([&](store::ReadTxn& txn) {
    const auto id = txn.FindRequest(request_id);
    if (id.ok()) known = id->has_value();
    return id.status();
  });
  // The commit says it better when the store cannot be read.
  return known || !status.ok();
}

absl::Status Executor::Impl::CheckReady(const v1::DeploymentRequest& request,
                                        absl::Time deadline) const {
  return fleet_.CheckReady(core::HostsConcerned(request),
                           std::min(deadline, absl::Now() + options_.host_patience));
}

}  // namespace davit::executor
