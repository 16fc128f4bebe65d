#include "controller/fleet/reaper.h"

#include <utility>

namespace davit::fleet {

Reaper::Reaper() : thread_([yard = yard_] { Run(*yard); }) {}

Reaper::~Reaper() {
  {
    absl::MutexLock lock(&yard_->mutex);
    yard_->closed = true;
  }
  thread_.join();
}

std::shared_ptr<WorkerClient> Reaper::Share(std::unique_ptr<WorkerClient> client) {
  return std::shared_ptr<WorkerClient>(client.release(), [yard = yard_](WorkerClient* last) {
    std::unique_ptr<WorkerClient> owned(last);  // ends outside the lock
    absl::MutexLock lock(&yard->mutex);
    if (!yard->closed) yard->clients.push_back(std::move(owned));
  });
}

void Reaper::Run(Yard& yard) {
  const auto ready = [&yard]() ABSL_SHARED_LOCKS_REQUIRED(yard.mutex) {
    return yard.closed || !yard.clients.empty();
  };
  while (true) {
    std::vector<std::unique_ptr<WorkerClient>> clients;  // end outside the lock
    absl::MutexLock lock(&yard.mutex);
    yard.mutex.Await(absl::Condition(&ready));
    if (yard.clients.empty()) return;
    clients.swap(yard.clients);
  }
}

}  // namespace davit::fleet
