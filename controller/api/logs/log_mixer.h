#ifndef DAVIT_CONTROLLER_API_LOGS_LOG_MIXER_H_
#define DAVIT_CONTROLLER_API_LOGS_LOG_MIXER_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::api {

// One sink for the logs of several hosts, one message at a time. Thread-safe.
class LogMixer {
 public:
  using Sink = absl::FunctionRef<bool(const v1::TailLogsResponse&)>;

  explicit LogMixer(Sink sink) : sink_(sink) {}

  // False when the sink wants no more; everybody is told then.
  bool Put(const std::string& host, v1::LogStream stream, const std::string& data) {
    absl::MutexLock lock(&mutex_);
    if (!open_) return false;
    message_.set_host(host);
    message_.set_stream(stream);
    message_.set_data(data);
    open_ = sink_(message_);
    if (!open_) stop_.Cancel();
    return open_;
  }
  void Close() {
    absl::MutexLock lock(&mutex_);
    open_ = false;
    stop_.Cancel();
  }
  void HostEnded() {
    absl::MutexLock lock(&mutex_);
    ++ended_;
  }
  // Whether `hosts` hosts have ended, after waiting a little for it.
  bool AwaitEnd(size_t hosts, absl::Duration timeout) {
    const auto all = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ended_ == hosts; };
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&all), timeout);
  }
  const CancelToken& stop() const { return stop_; }

 private:
  absl::Mutex mutex_;
  const Sink sink_;
  v1::TailLogsResponse message_ ABSL_GUARDED_BY(mutex_);  // keeps its memory
  bool open_ ABSL_GUARDED_BY(mutex_) = true;
  size_t ended_ ABSL_GUARDED_BY(mutex_) = 0;
  CancelToken stop_;
};

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_LOGS_LOG_MIXER_H_
