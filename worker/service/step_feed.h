#ifndef DAVIT_WORKER_SERVICE_STEP_FEED_H_
#define DAVIT_WORKER_SERVICE_STEP_FEED_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "davit/v1/deployment.pb.h"
#include "davit/worker/v1/worker_service.pb.h"
#include "worker/steps/step_runner.h"

namespace davit::service {

// What one step has said, for any number of readers: its newest progress, its
// latest log (1 MiB; older lines are dropped) and its end. The step writes and
// never waits for a reader. Thread-safe.
class StepFeed final : public steps::StepReporter {
 public:
  static constexpr size_t kLogBytesKept = 1 << 20;
  // Readers get progress this often at most; the last one always.
  static constexpr absl::Duration kProgressInterval = absl::Milliseconds(200);

  // A reader's place.
  struct Cursor {
    uint64_t next_log = 0;
    // What the reader has already, also where the step says it once more only later.
    std::optional<v1::LogPosition> known;
    uint64_t progress_seen = 0;
    absl::Time next_progress = absl::InfinitePast();
  };

  explicit StepFeed(std::string step_id);

  void Progress(v1::StepProgress progress) override;
  void Log(v1::StepLog log) override;
  // Last of all. `finished` must be on disk.
  void Finish(worker::v1::StepFinished finished);
  // The worker goes away; the step has not ended. Readers are sent off.
  void Abandon();

  // Before all log, or after the last line that is at `after` or before it.
  Cursor Begin(const v1::LogPosition* after) const;
  // Waits for the next message, until `deadline` at most: nullopt. Neighbouring
  // lines come as one.
  std::optional<worker::v1::RunStepResponse> Next(Cursor& cursor, absl::Time deadline) const;

  bool finished() const;
  bool abandoned() const;
  // How the step ended; nullopt: it has not.
  std::optional<worker::v1::StepFinished> result() const;

 private:
  bool HasLog(Cursor& cursor) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasNews(Cursor& cursor) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  worker::v1::RunStepResponse TakeLog(Cursor& cursor) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<worker::v1::RunStepResponse> Take(Cursor& cursor) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Over() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string step_id_;
  mutable absl::Mutex mutex_;
  std::deque<v1::StepLog> logs_ ABSL_GUARDED_BY(mutex_);
  uint64_t first_log_ ABSL_GUARDED_BY(mutex_) = 0;  // number of logs_.front()
  size_t log_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  v1::StepProgress progress_ ABSL_GUARDED_BY(mutex_);
  uint64_t progress_version_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<worker::v1::StepFinished> finished_ ABSL_GUARDED_BY(mutex_);
  bool abandoned_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_STEP_FEED_H_
