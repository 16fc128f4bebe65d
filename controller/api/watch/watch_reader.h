#ifndef DAVIT_CONTROLLER_API_WATCH_WATCH_READER_H_
#define DAVIT_CONTROLLER_API_WATCH_WATCH_READER_H_

#include <deque>
#include <functional>
#include <thread>

#include "absl/synchronization/mutex.h"

namespace davit::api {

// Reads the store for all watches on one thread, in turn: reads can wait, and
// neither gRPC's callbacks nor those who publish may. Thread-safe.
class WatchReader {
 public:
  WatchReader();
  // Waits until every watch has ended; the server must be shutting down.
  ~WatchReader();

  void Do(std::function<void()> read);

  void WatchBegins();
  void WatchEnded();

 private:
  void Run();
  bool Ready() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || !reads_.empty(); }
  bool NoWatch() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return watches_ == 0; }

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int watches_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<std::function<void()>> reads_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_WATCH_WATCH_READER_H_
