#ifndef DAVIT_COMMON_RPC_BLOCKING_STREAM_H_
#define DAVIT_COMMON_RPC_BLOCKING_STREAM_H_

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/stream_terms.h"

namespace davit {

// A stream both ways that costs no thread until its first message is there: only then is
// its handler called, on a thread of its own, where it may block. Who sends no first
// message in time, or comes when all slots are taken, is refused with the terms' status.
// Deletes itself, when the call is over.
template <typename Request, typename Response>
class BlockingStream final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  // `first` is the handler's to take. How the call ends.
  using Handler = std::function<grpc::Status(BlockingStream& stream, Request& first)>;

  // What `terms` names outlives the server. Serves at once.
  BlockingStream(grpc::CallbackServerContext& context, StreamTerms terms, Handler handler)
      : context_(context), terms_(std::move(terms)), handler_(std::move(handler)) {
    alarm_.Set(absl::ToChronoTime(absl::Now() + terms_.first_patience),
               [this, begun = begun_](bool passed) {
                 if (passed && begun->Claim()) this->Finish(ToGrpcStatus(terms_.late));
               });
    reading_ = true;
    this->StartRead(&incoming_);
  }

  // The rest is for the handler's thread.

  // Whether there was a next message, and not the end of them. DEADLINE_EXCEEDED after
  // `patience`: the message may yet come, with the next call. CANCELLED: the caller has gone.
  absl::StatusOr<bool> Read(Request& request, absl::Duration patience) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!ended_ && !reading_ && !there_) {
      reading_ = true;
      lock.unlock();
      this->StartRead(&incoming_);
      lock.lock();
    }
    if (!changed_.wait_for(lock, absl::ToChronoNanoseconds(patience),
                           [this] { return !reading_; })) {
      return absl::DeadlineExceededError("no message came");
    }
    if (there_) {
      there_ = false;
      request = std::move(incoming_);
      return true;
    }
    lock.unlock();
    // That the caller has gone may be heard after the read that it ends.
    if (gone_.WaitFor(kHearOfEnd)) return absl::CancelledError("the caller has gone");
    return false;
  }

  // False when the caller has gone, or has taken nothing for the terms' patience.
  bool Write(const Response& response) {
    if (gone_.cancelled()) return false;
    outgoing_ = response;
    std::unique_lock<std::mutex> lock(mutex_);
    writing_ = true;
    lock.unlock();
    this->StartWrite(&outgoing_);
    lock.lock();
    const auto written = [this] { return !writing_; };
    if (!changed_.wait_for(lock, absl::ToChronoNanoseconds(terms_.write_patience), written)) {
      lock.unlock();
      context_.TryCancel();
      lock.lock();
      changed_.wait(lock, written);
    }
    return written_;
  }

  // Cancelled when the caller goes. Valid while the handler runs.
  Call call() const { return {absl::InfiniteFuture(), &gone_}; }

 private:
  static constexpr absl::Duration kHearOfEnd = absl::Milliseconds(100);

  void OnReadDone(bool ok) override {
    if (begun_->Claim()) return Begin(ok);
    const std::lock_guard<std::mutex> lock(mutex_);
    reading_ = false;
    there_ = ok;
    ended_ = !ok;
    changed_.notify_all();
  }
  void OnWriteDone(bool ok) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    writing_ = false;
    written_ = ok;
    changed_.notify_all();
  }
  void OnCancel() override { gone_.Cancel(); }
  void OnDone() override { delete this; }

  // The first message is there; not `ok`: it never will be.
  void Begin(bool ok) {
    reading_ = false;
    first_ = std::move(incoming_);
    if (!ok) return this->Finish(ToGrpcStatus(terms_.none));
    if (!terms_.slots->Take()) return this->Finish(ToGrpcStatus(terms_.full));
    try {
      std::thread([this] { Handle(); }).detach();
    } catch (const std::system_error&) {
      terms_.slots->Return();
      this->Finish(ToGrpcStatus(terms_.full));
    }
  }
  void Handle() {
    const grpc::Status status = handler_(*this, first_);
    terms_.slots->Return();
    this->Finish(status);  // may be the end of this object, and of the server
  }

  grpc::CallbackServerContext& context_;
  const StreamTerms terms_;
  const Handler handler_;
  CancelToken gone_;
  Request first_;
  Request incoming_;
  Response outgoing_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool reading_ = false;
  bool there_ = false;  // incoming_ is, and nobody has taken it
  bool ended_ = false;  // no more messages come
  bool writing_ = false;
  bool written_ = false;
  const std::shared_ptr<StreamBeginning> begun_ = std::make_shared<StreamBeginning>();
  grpc::Alarm alarm_;
};

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_BLOCKING_STREAM_H_
