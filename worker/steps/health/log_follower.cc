#include "worker/steps/health/log_follower.h"

#include <tuple>
#include <utility>

#include "common/failure/failure.h"

namespace davit::steps {
namespace {

constexpr int kLinesAtOnce = 2000;
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
  seen_ordinal_ = time_unix_nanos == seen_time_ ? seen_ordinal_ + 1 : 0;
  seen_time_ = time_unix_nanos;
  const bool known = any_ && std::make_tuple(time_unix_nanos, seen_ordinal_) <=
                                 std::make_tuple(last_.time_unix_nanos(), last_.ordinal());
  if (known) return false;
  last_.set_time_unix_nanos(time_unix_nanos);
  last_.set_ordinal(seen_ordinal_);
  any_ = true;
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
  if (!readable_) return;
  docker::LogOptions options;
  options.since_unix_nanos = positions_.since_unix_nanos();
  positions_.BeginAnswer();
  int lines = 0;
  const absl::Status status =
      engine_->Logs(container_id_, options, call.Within(kPatience), [&](docker::LogLine line) {
        if (!positions_.Take(line.time_unix_nanos)) return true;
        v1::StepLog log;
        log.set_stream(line.stream);
        log.set_data(std::move(line.text) + "\n");
        *log.mutable_position() = positions_.last();
        reporter_->Log(std::move(log));
        return ++lines < kLinesAtOnce;
      });
  // A log driver that gives nothing back says so each time.
  if (IsFailure(status, v1::DOCKER_ERROR)) readable_ = false;
}

}  // namespace davit::steps
