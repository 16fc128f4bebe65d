#include "controller/executor/work.h"

#include <utility>

namespace davit::executor {

void Reply::Resolve(absl::StatusOr<v1::Deployment> result) {
  absl::MutexLock lock(&mutex_);
  if (!result_.has_value()) result_ = std::move(result);
}

absl::StatusOr<v1::Deployment> Reply::Await(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto resolved = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return result_.has_value(); };
  if (!mutex_.AwaitWithDeadline(absl::Condition(&resolved), deadline)) {
    return absl::DeadlineExceededError("The controller's store has not answered in time.");
  }
  return *result_;
}

Reply* ReplyOf(const Work& work) {
  if (const auto* create = std::get_if<CreateWork>(&work)) return create->reply.get();
  if (const auto* cancel = std::get_if<CancelWork>(&work)) return cancel->reply.get();
  return nullptr;
}

}  // namespace davit::executor
