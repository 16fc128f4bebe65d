#include "worker/service/step_feed.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/time/clock.h"

namespace davit::service {
namespace {

using worker::v1::RunStepResponse;

constexpr size_t kMessageBytes = 64 << 10;

// Lines of different containers have no order: only the same one counts.
bool IsAtOrBefore(const v1::LogPosition& position, const v1::LogPosition& limit) {
  return position.container_id() == limit.container_id() &&
         std::make_tuple(position.time_unix_nanos(), position.ordinal()) <=
             std::make_tuple(limit.time_unix_nanos(), limit.ordinal());
}

bool CanFollow(const v1::StepLog& head, const v1::StepLog& next) {
  return head.stream() == next.stream() &&
         head.position().container_id() == next.position().container_id() &&
         head.data().size() + next.data().size() <= kMessageBytes;
}

}  // namespace

StepFeed::StepFeed(std::string step_id) : step_id_(std::move(step_id)) {}

void StepFeed::Progress(v1::StepProgress progress) {
  progress.set_step_id(step_id_);
  absl::MutexLock lock(&mutex_);
  progress_ = std::move(progress);
  ++progress_version_;
}

void StepFeed::Log(v1::StepLog log) {
  log.set_step_id(step_id_);
  absl::MutexLock lock(&mutex_);
  log_bytes_ += log.data().size();
  logs_.push_back(std::move(log));
  while (log_bytes_ > kLogBytesKept) {
    log_bytes_ -= logs_.front().data().size();
    logs_.pop_front();
    ++first_log_;
  }
}

void StepFeed::Finish(worker::v1::StepFinished finished) {
  absl::MutexLock lock(&mutex_);
  finished_ = std::move(finished);
}

void StepFeed::Abandon() {
  absl::MutexLock lock(&mutex_);
  abandoned_ = true;
}

StepFeed::Cursor StepFeed::Begin(const v1::LogPosition* after) const {
  absl::MutexLock lock(&mutex_);
  Cursor cursor;
  if (after == nullptr) return cursor;
  cursor.known = *after;
  const auto last = std::find_if(logs_.rbegin(), logs_.rend(), [after](const v1::StepLog& log) {
    return IsAtOrBefore(log.position(), *after);
  });
  cursor.next_log = first_log_ + static_cast<uint64_t>(logs_.rend() - last);
  return cursor;
}

bool StepFeed::Over() const { return finished_.has_value() || abandoned_; }

// A step that was resumed reads its output from the beginning, while its reader is there
// already: what that one knows is passed by, or it would come again in one with what is new.
bool StepFeed::HasLog(Cursor& cursor) const {
  cursor.next_log = std::max(cursor.next_log, first_log_);
  const uint64_t end = first_log_ + logs_.size();
  while (cursor.known.has_value() && cursor.next_log < end &&
         IsAtOrBefore(logs_[cursor.next_log - first_log_].position(), *cursor.known)) {
    ++cursor.next_log;
  }
  return cursor.next_log < end;
}

bool StepFeed::HasNews(Cursor& cursor) const {
  return Over() || HasLog(cursor) ||
         (progress_version_ > cursor.progress_seen && absl::Now() >= cursor.next_progress);
}

RunStepResponse StepFeed::TakeLog(Cursor& cursor) const {
  RunStepResponse message;
  v1::StepLog& log = *message.mutable_log() = logs_[cursor.next_log++ - first_log_];
  while (cursor.next_log < first_log_ + logs_.size()) {
    const v1::StepLog& next = logs_[cursor.next_log - first_log_];
    if (!CanFollow(log, next)) break;
    log.mutable_data()->append(next.data());
    *log.mutable_position() = next.position();
    ++cursor.next_log;
  }
  return message;
}

std::optional<RunStepResponse> StepFeed::Take(Cursor& cursor) const {
  if (HasLog(cursor)) return TakeLog(cursor);
  RunStepResponse message;
  const absl::Time now = absl::Now();
  if (progress_version_ > cursor.progress_seen && (Over() || now >= cursor.next_progress)) {
    cursor.progress_seen = progress_version_;
    cursor.next_progress = now + kProgressInterval;
    *message.mutable_progress() = progress_;
    return message;
  }
  if (!finished_.has_value()) return std::nullopt;
  *message.mutable_finished() = *finished_;
  return message;
}

std::optional<RunStepResponse> StepFeed::Next(Cursor& cursor, absl::Time deadline) const {
  absl::MutexLock lock(&mutex_);
  const auto has_news = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return HasNews(cursor); };
  // Progress that is held back becomes news by time alone, which wakes nobody.
  if (progress_version_ > cursor.progress_seen) deadline = std::min(deadline, cursor.next_progress);
  mutex_.AwaitWithDeadline(absl::Condition(&has_news), deadline);
  return Take(cursor);
}

bool StepFeed::finished() const {
  absl::MutexLock lock(&mutex_);
  return finished_.has_value();
}

bool StepFeed::abandoned() const {
  absl::MutexLock lock(&mutex_);
  return abandoned_;
}

std::optional<worker::v1::StepFinished> StepFeed::result() const {
  absl::MutexLock lock(&mutex_);
  return finished_;
}

}  // namespace davit::service
