#include "worker/steps/health/poll_schedule.h"

#include <algorithm>

#include "google/protobuf/util/time_util.h"

namespace davit::steps {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
constexpr double kGrowth = 1.5;

absl::Duration OrDefault(const google::protobuf::Duration& given, absl::Duration otherwise) {
  const absl::Duration duration =
      absl::Nanoseconds(google::protobuf::util::TimeUtil::DurationToNanoseconds(given));
  return duration > absl::ZeroDuration() ? duration : otherwise;
}

}  // namespace

PollSchedule::PollSchedule(const v1::Healthcheck& check)
    : start_delay_(OrDefault(check.start_delay(), absl::ZeroDuration())),
      interval_(OrDefault(check.interval(), absl::Seconds(5))),
      probe_timeout_(OrDefault(check.timeout(), absl::Seconds(5))),
      attempts_(check.attempts() > 0 ? check.attempts() : 20),
      successes_(std::max(check.successes(), 1)),
      pause_(std::min(kFirstPause, interval_)) {}

absl::Duration PollSchedule::NextPause() {
  const absl::Duration pause = pause_;
  pause_ = std::min(pause_ * kGrowth, interval_);
  return pause;
}

}  // namespace davit::steps
