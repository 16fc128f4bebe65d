#include "controller/executor/executor.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "controller/executor/executor_impl.h"
#include "controller/executor/refusal.h"

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

}  // namespace davit::executor
