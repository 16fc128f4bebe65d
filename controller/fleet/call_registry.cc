#include "controller/fleet/call_registry.h"

#include <utility>
#include <vector>

namespace davit::fleet {

void CallRegistry::Add(std::shared_ptr<grpc::ClientContext> context) {
  absl::MutexLock lock(&mutex_);
  if (closed_) context->TryCancel();
  const grpc::ClientContext* key = context.get();
  contexts_.emplace(key, std::move(context));
}

void CallRegistry::Remove(const grpc::ClientContext* context) {
  std::shared_ptr<grpc::ClientContext> last;  // ends outside the lock
  absl::MutexLock lock(&mutex_);
  const auto found = contexts_.find(context);
  last = std::move(found->second);
  contexts_.erase(found);
}

void CallRegistry::CancelAllAndWait() {
  std::vector<std::shared_ptr<grpc::ClientContext>> contexts;
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    for (const auto& [key, context] : contexts_) contexts.push_back(context);
  }
  for (const auto& context : contexts) context->TryCancel();
  contexts.clear();
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &CallRegistry::Empty));
}

}  // namespace davit::fleet
