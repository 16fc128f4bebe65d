#include "controller/fleet/log_tail.h"

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <array>
#include <memory>

#include "absl/synchronization/mutex.h"

namespace davit::fleet {
namespace {

using worker::v1::TailLogsRequest;
using worker::v1::TailLogsResponse;

// A token has no way to wake who waits for a message, so it is looked at.
constexpr absl::Duration kLook = absl::Milliseconds(50);

// Reads one message ahead of whoever takes them, and no further: a slow taker makes
// the worker wait.
class TailReactor final : public grpc::ClientReadReactor<TailLogsResponse> {
 public:
  TailReactor(worker::v1::WorkerService::Stub& stub, const TailLogsRequest& request,
              absl::Time deadline)
      : request_(request) {
    if (deadline != absl::InfiniteFuture()) context_.set_deadline(absl::ToChronoTime(deadline));
    stub.async()->TailLogs(&context_, &request_, this);
    AddHold();  // reads are started from the caller's thread
    StartRead(&slots_[0]);
    StartCall();
  }

  // The next message; nullptr when none came within `timeout`.
  const TailLogsResponse* Wait(absl::Duration timeout) {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(this, &TailReactor::Changed), timeout);
    return ready_ > 0 ? &slots_[oldest_] : nullptr;
  }
  bool Ended() {
    absl::MutexLock lock(&mutex_);
    return ended_;
  }
  // The message that Wait gave is needed no more.
  void Take() {
    TailLogsResponse* free_slot;
    {
      absl::MutexLock lock(&mutex_);
      free_slot = &slots_[oldest_];
      oldest_ = 1 - oldest_;
      --ready_;
      if (reading_ || ended_) return;
      reading_ = true;
    }
    StartRead(free_slot);
  }
  // Last call. Returns when nothing is running any more.
  grpc::Status Finish(bool cancel) {
    if (cancel) context_.TryCancel();
    RemoveHold();
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&done_));
    return status_;
  }

 private:
  bool Changed() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ready_ > 0 || ended_; }

  void OnReadDone(bool ok) override {
    TailLogsResponse* free_slot;
    {
      absl::MutexLock lock(&mutex_);
      ended_ = !ok;
      if (ok) ++ready_;
      reading_ = ok && ready_ == 1;
      if (!reading_) return;
      free_slot = &slots_[1 - oldest_];
    }
    StartRead(free_slot);
  }
  void OnDone(const grpc::Status& status) override {
    absl::MutexLock lock(&mutex_);
    status_ = status;
    done_ = true;
  }

  const TailLogsRequest request_;
  grpc::ClientContext context_;
  // Handed to and fro between gRPC and the taker, as the numbers below say.
  std::array<TailLogsResponse, 2> slots_;
  absl::Mutex mutex_;
  size_t oldest_ ABSL_GUARDED_BY(mutex_) = 0;  // the slot that is to be taken next
  int ready_ ABSL_GUARDED_BY(mutex_) = 0;      // slots with a message
  bool reading_ ABSL_GUARDED_BY(mutex_) = true;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

grpc::Status TailLogsUntilCancelled(worker::v1::WorkerService::Stub& stub,
                                    const TailLogsRequest& request, const Call& call,
                                    absl::FunctionRef<bool(const TailLogsResponse&)> sink) {
  TailReactor reactor(stub, request, call.deadline);
  while (true) {
    if (const absl::Status check = call.Check(); !check.ok()) {
      reactor.Finish(true);
      return grpc::Status(static_cast<grpc::StatusCode>(check.code()),
                          std::string(check.message()));
    }
    const TailLogsResponse* message = reactor.Wait(kLook);
    if (message == nullptr && reactor.Ended()) return reactor.Finish(false);
    if (message == nullptr) continue;
    if (!sink(*message)) {
      reactor.Finish(true);
      return grpc::Status::OK;
    }
    reactor.Take();
  }
}

}  // namespace davit::fleet
