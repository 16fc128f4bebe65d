#ifndef DAVIT_COMMON_RPC_STREAM_TERMS_H_
#define DAVIT_COMMON_RPC_STREAM_TERMS_H_

#include <atomic>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace davit {

// How many streams may have a handler at a time. Thread-safe.
class StreamSlots {
 public:
  explicit StreamSlots(int most) : free_(most) {}

  // Whether there was one.
  bool Take() {
    int free = free_.load();
    while (free > 0) {
      if (free_.compare_exchange_weak(free, free - 1)) return true;
    }
    return false;
  }
  void Return() { ++free_; }

 private:
  std::atomic<int> free_;
};

// Who was first: the message that a stream begins with, or the end of waiting for it.
class StreamBeginning {
 public:
  // True once.
  bool Claim() { return !claimed_.exchange(true); }

 private:
  std::atomic<bool> claimed_ = false;
};

// On what terms a BlockingStream is served.
struct StreamTerms {
  StreamSlots* slots;                                 // not owned
  absl::Duration first_patience;                      // for the first message
  absl::Status late;                                  // when that has passed
  absl::Status none;                                  // when the stream ends without one
  absl::Status full;                                  // when no slot is free
  absl::Duration write_patience = absl::Minutes(15);  // for a caller that takes nothing
};

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_STREAM_TERMS_H_
