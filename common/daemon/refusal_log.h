#ifndef DAVIT_COMMON_DAEMON_REFUSAL_LOG_H_
#define DAVIT_COMMON_DAEMON_REFUSAL_LOG_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rpc/refusals.h"

namespace davit {

// Writes whom the daemon refuses to the log, as warnings; who hung up by itself, for
// debugging. 20 lines a minute at most, so that nobody can fill the disk with them; of
// those that are left out the number is told. Thread-safe.
class RefusalLog {
 public:
  void Write(const Refusal& refusal, absl::Time now);

  // Tells of what was left out. To be called every now and then, and at the end.
  void TellLeftOut();

 private:
  bool MayWrite(absl::Time now);

  absl::Mutex mutex_;
  absl::Time minute_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // its begin
  int lines_ ABSL_GUARDED_BY(mutex_) = 0;                             // of that minute
  int64_t left_out_ ABSL_GUARDED_BY(mutex_) = 0;
};

// As long as it lives, what the servers of this process refuse goes to the log. One at a time.
class LogsRefusals {
 public:
  LogsRefusals();
  ~LogsRefusals();
  LogsRefusals(const LogsRefusals&) = delete;
  LogsRefusals& operator=(const LogsRefusals&) = delete;

  void TellLeftOut();
};

}  // namespace davit

#endif  // DAVIT_COMMON_DAEMON_REFUSAL_LOG_H_
