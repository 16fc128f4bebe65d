#include "controller/fleet/acknowledging_worker_client.h"

#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"

namespace davit::fleet {

using worker::v1::RunStepRequest;
using worker::v1::StepKey;

// What waits to be acknowledged. Outlives its client where a timer still knows of it.
class AcknowledgingWorkerClient::Basket {
 public:
  explicit Basket(WorkerClient& inner) : inner_(&inner) {}

  // Whether nobody is to Send yet.
  bool Put(const StepKey& key) {
    absl::MutexLock lock(&mutex_);
    waiting_.push_back(key);
    return !std::exchange(timed_, true);
  }

  std::vector<StepKey> Take() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(waiting_, {});
  }

  void Send() {
    absl::MutexLock lock(&mutex_);
    timed_ = false;
    for (const StepKey& key : std::exchange(waiting_, {})) {
      if (inner_ != nullptr) inner_->AckStep(key);
    }
  }

  void Close() {
    absl::MutexLock lock(&mutex_);
    inner_ = nullptr;
  }

 private:
  absl::Mutex mutex_;
  WorkerClient* inner_ ABSL_GUARDED_BY(mutex_);
  std::vector<StepKey> waiting_ ABSL_GUARDED_BY(mutex_);
  bool timed_ ABSL_GUARDED_BY(mutex_) = false;  // one timer for each host is enough
};

AcknowledgingWorkerClient::AcknowledgingWorkerClient(std::unique_ptr<WorkerClient> inner_client,
                                                     Timer& timer, absl::Duration patience)
    : WorkerClientDecorator(std::move(inner_client)),
      timer_(timer),
      patience_(patience),
      basket_(std::make_shared<Basket>(inner())) {}

AcknowledgingWorkerClient::~AcknowledgingWorkerClient() { basket_->Close(); }

void AcknowledgingWorkerClient::RunStep(RunStepRequest request,
                                        std::shared_ptr<StepObserver> observer) {
  for (StepKey& key : basket_->Take()) *request.add_acknowledged() = std::move(key);
  inner().RunStep(std::move(request), std::move(observer));
}

void AcknowledgingWorkerClient::AckStep(const StepKey& key) {
  if (!basket_->Put(key)) return;
  timer_.After(patience_, [basket = basket_] { basket->Send(); });
}

}  // namespace davit::fleet
