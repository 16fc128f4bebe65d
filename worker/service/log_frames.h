#ifndef DAVIT_WORKER_SERVICE_LOG_FRAMES_H_
#define DAVIT_WORKER_SERVICE_LOG_FRAMES_H_

#include <cstdint>
#include <functional>
#include <thread>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::service {

// Makes frames of lines: whole lines of one stream, 64 KiB at most, or one longer
// line. A frame is sent when the next line does not fit in, and when its first line
// has waited a little: a flood costs few messages, and a slow log is seen at once.
class LogFrames {
 public:
  static constexpr size_t kFrameBytes = 64 << 10;
  // A line waits twice as long at most, unless the receiver is slow.
  static constexpr absl::Duration kPatience = absl::Milliseconds(10);

  // `send` may block, and returns false when nobody wants more. It is called from
  // the caller of Put and from a thread of this object, one at a time.
  using Send = std::function<bool(const worker::v1::TailLogsResponse&)>;

  explicit LogFrames(Send send);
  // What has not been sent is dropped.
  ~LogFrames();
  LogFrames(const LogFrames&) = delete;
  LogFrames& operator=(const LogFrames&) = delete;

  // Adds a line, which comes without its newline. False: nobody wants more.
  bool Put(v1::LogStream stream, absl::string_view line) ABSL_LOCKS_EXCLUDED(mutex_);
  // Sends what is left.
  bool Finish() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void SendTheWaiting() ABSL_LOCKS_EXCLUDED(mutex_);
  bool Fits(v1::LogStream stream, size_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool SendFrame() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool ThreadHasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Send send_;
  absl::Mutex mutex_;
  worker::v1::TailLogsResponse frame_ ABSL_GUARDED_BY(mutex_);
  uint64_t sent_ ABSL_GUARDED_BY(mutex_) = 0;
  bool open_ ABSL_GUARDED_BY(mutex_) = true;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  CancelToken over_;
  std::thread thread_;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_LOG_FRAMES_H_
