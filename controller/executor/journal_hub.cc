#include "controller/executor/journal_hub.h"

#include <utility>

namespace davit::executor {

JournalHub::Subscription::Subscription(JournalHub& hub, std::string deployment_id, int64_t key)
    : hub_(hub), deployment_id_(std::move(deployment_id)), key_(key) {}

JournalHub::Subscription::~Subscription() { hub_.Unsubscribe(deployment_id_, key_); }

std::unique_ptr<JournalHub::Subscription> JournalHub::Subscribe(absl::string_view deployment_id,
                                                                Listener listener) {
  absl::MutexLock lock(&mutex_);
  const int64_t key = next_key_++;
  std::string id(deployment_id);
  listeners_[id].emplace(key, std::move(listener));
  return std::make_unique<Subscription>(*this, std::move(id), key);
}

void JournalHub::Publish(absl::string_view deployment_id, int64_t last_sequence) {
  // Called under the lock, so that Unsubscribe waits for a call that is running.
  absl::MutexLock lock(&mutex_);
  const auto it = listeners_.find(deployment_id);
  if (it == listeners_.end()) return;
  for (const auto& [key, listener] : it->second) listener(last_sequence);
}

void JournalHub::Unsubscribe(const std::string& deployment_id, int64_t key) {
  absl::MutexLock lock(&mutex_);
  const auto it = listeners_.find(deployment_id);
  it->second.erase(key);
  if (it->second.empty()) listeners_.erase(it);
}

}  // namespace davit::executor
