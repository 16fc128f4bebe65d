#ifndef DAVIT_CONTROLLER_EXECUTOR_TEST_STORE_H_
#define DAVIT_CONTROLLER_EXECUTOR_TEST_STORE_H_

#include <vector>

#include "absl/synchronization/mutex.h"
#include "controller/store/memory/memory_store.h"

namespace davit::executor {

// A store whose commits a test can hold up or make fail. Thread-safe.
class TestStore final : public store::Store {
 public:
  absl::Status View(absl::FunctionRef<absl::Status(store::ReadTxn&)> fn) override {
    return memory_.View(fn);
  }
  absl::Status Update(absl::FunctionRef<absl::Status(store::Txn&)> fn) override {
    return memory_.Update(fn);
  }
  std::vector<absl::Status> UpdateEach(absl::Span<const UpdateFn> fns) override {
    bool fails = false;
    {
      absl::MutexLock lock(&mutex_);
      ++commits_;
      hangs_ = !open_;
      mutex_.Await(absl::Condition(&open_));
      hangs_ = false;
      fails = failures_ > 0;
      if (fails) --failures_;
    }
    return fails ? Lose(fns) : memory_.UpdateEach(fns);
  }

  // Commits wait from now on, until they are let go.
  void HoldCommits() { SetOpen(false); }
  void LetCommitsGo() { SetOpen(true); }
  // The next `count` commits run their functions, then keep nothing.
  void FailCommits(int count) {
    absl::MutexLock lock(&mutex_);
    failures_ = count;
  }
  // Waits until all failures have been had.
  bool AwaitFailures() {
    absl::MutexLock lock(&mutex_);
    const auto had = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return failures_ == 0; };
    return mutex_.AwaitWithTimeout(absl::Condition(&had), absl::Seconds(20));
  }
  int commits() const {
    absl::MutexLock lock(&mutex_);
    return commits_;
  }
  // Waits until a commit waits to be let go.
  bool AwaitHungCommit() const {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&hangs_), absl::Seconds(20));
  }

 private:
  void SetOpen(bool open) {
    absl::MutexLock lock(&mutex_);
    open_ = open;
  }

  std::vector<absl::Status> Lose(absl::Span<const UpdateFn> fns) {
    const absl::Status undone = memory_.Update([&](store::Txn& txn) {
      for (const UpdateFn& fn : fns) fn(txn).IgnoreError();
      return absl::AbortedError("undo");
    });
    return std::vector<absl::Status>(fns.size(), absl::UnavailableError("the disk is away"));
  }

  store::MemoryStore memory_;
  mutable absl::Mutex mutex_;
  bool open_ ABSL_GUARDED_BY(mutex_) = true;
  bool hangs_ ABSL_GUARDED_BY(mutex_) = false;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  int commits_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_TEST_STORE_H_
