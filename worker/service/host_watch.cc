#include "worker/service/host_watch.h"

#include <utility>

#include "common/rpc/grpc_status.h"

namespace davit::service {

std::shared_ptr<HostWatch> HostWatch::Make(const worker::v1::WatchHostRequest& request, Done done) {
  const std::shared_ptr<HostWatch> watch(new HostWatch(request, std::move(done)));
  watch->self_ = watch;
  return watch;
}

HostWatch::HostWatch(const worker::v1::WatchHostRequest& request, Done done)
    : cluster_id_(request.cluster_id()),
      controller_id_(request.controller_id()),
      done_(std::move(done)) {}

void HostWatch::Offer(int64_t number, const worker::v1::WatchHostResponse& report) {
  {
    absl::MutexLock lock(&mutex_);
    const bool same = number == number_ && report.follows_another() == follows_another_;
    if (phase_ == Phase::kFinished || number < number_ || same) return;
    number_ = number;
    follows_another_ = report.follows_another();
    if (phase_ == Phase::kWriting) {
      waiting_ = report;
      return;
    }
    phase_ = Phase::kWriting;
    response_ = report;
  }
  StartWrite(&response_);
}

void HostWatch::OnWriteDone(bool ok) {
  bool over = !ok;
  {
    absl::MutexLock lock(&mutex_);
    over = over || cancelled_;
    if (over) {
      phase_ = Phase::kFinished;
    } else if (waiting_.has_value()) {
      response_ = *std::exchange(waiting_, std::nullopt);
    } else {
      phase_ = Phase::kResting;
      return;
    }
  }
  over ? FinishAsCancelled() : StartWrite(&response_);
}

void HostWatch::OnCancel() {
  {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    // While it writes, OnWriteDone comes and ends it.
    if (phase_ != Phase::kResting) return;
    phase_ = Phase::kFinished;  // under the same lock: no write may begin in between
  }
  FinishAsCancelled();
}

void HostWatch::FinishAsCancelled() {
  Finish(ToGrpcStatus(absl::CancelledError("the caller has gone")));
}

void HostWatch::OnDone() {
  const std::shared_ptr<HostWatch> last = std::move(self_);
  done_(this);
}

}  // namespace davit::service
