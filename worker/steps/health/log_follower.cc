#include "worker/steps/health/log_follower.h"

#include <limits>
#include <tuple>
#include <utility>

#include "common/failure/failure.h"

namespace davit::steps {
namespace {

constexpr int64_t kLinesAtOnce = 2000;
constexpr int64_t kEveryLine = std::numeric_limits<int64_t>::max();
constexpr absl::Duration kPatience = absl::Seconds(2);

}  // namespace

LogPositions::LogPositions(std::string container_id, int64_t since_unix_nanos) {
  last_.set_container_id(std::move(container_id));
  last_.set_time_unix_nanos(since_unix_nanos);
}

void LogPositions::SkipTo(const v1::LogPosition& position) {
  if (position.container_id() != last_.container_id()) return;
  if (position.time_unix_nanos() < last_.time_unix_nanos()) return;
  last_ = position;
  any_ = true;
}

bool LogPositions::Take(int64_t time_unix_nanos) {
  // A long line comes when it is whole, after shorter ones that were written later.
  const bool late = time_unix_nanos < seen_time_;
  if (late) return caught_up_;
  seen_ordinal_ = time_unix_nanos == seen_time_ ? seen_ordinal_ + 1 : 0;
  seen_time_ = time_unix_nanos;
  const auto position = std::make_tuple(time_unix_nanos, seen_ordinal_);
  if (any_ && position <= std::make_tuple(last_.time_unix_nanos(), last_.ordinal())) return false;
  last_.set_time_unix_nanos(time_unix_nanos);
  last_.set_ordinal(seen_ordinal_);
  any_ = true;
  caught_up_ = true;
  return true;
}

LogFollower::LogFollower(docker::Engine* engine, std::string container_id, int64_t since_unix_nanos,
                         const StepContext& context, StepReporter* reporter)
    : engine_(engine),
      container_id_(std::move(container_id)),
      reporter_(reporter),
      positions_(container_id_, since_unix_nanos) {
  positions_.SkipTo(context.after_log);
}

void LogFollower::Poll(const Call& call) {
  Read({}, call.Within(kPatience), kLinesAtOnce).IgnoreError();
}

absl::Status LogFollower::Follow(const Call& call) {
  docker::LogOptions options;
  options.follow = true;
  return Read(options, call, kEveryLine);
}

absl::Status LogFollower::ReadToEnd(const Call& call) { return Read({}, call, kEveryLine); }

absl::Status LogFollower::Read(docker::LogOptions options, const Call& call, int64_t most) {
  if (!readable_) return absl::OkStatus();
  options.since_unix_nanos = positions_.since_unix_nanos();
  positions_.BeginAnswer();
  int64_t lines = 0;
  absl::Status status = engine_->Logs(container_id_, options, call, [&](docker::LogLine line) {
    if (!positions_.Take(line.time_unix_nanos)) return true;
    v1::StepLog log;
    log.set_stream(line.stream);
    // A secret may lie where a long line is cut.
    log.set_data(std::move(line.text) + (line.goes_on ? "" : "\n"));
    *log.mutable_position() = positions_.last();
    reporter_->Log(std::move(log));
    return ++lines < most;
  });
  // A log driver that gives nothing back says so each time.
  if (!IsFailure(status, v1::DOCKER_ERROR)) return status;
  readable_ = false;
  return absl::OkStatus();
}

}  // namespace davit::steps
