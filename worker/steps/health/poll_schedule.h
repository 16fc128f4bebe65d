#ifndef DAVIT_WORKER_STEPS_HEALTH_POLL_SCHEDULE_H_
#define DAVIT_WORKER_STEPS_HEALTH_POLL_SCHEDULE_H_

#include "absl/time/time.h"
#include "davit/v1/spec.pb.h"

namespace davit::steps {

// When a health check probes: at once, then after pauses that grow from 100 ms to
// the interval, so that a fast start is seen fast. Pure.
class PollSchedule {
 public:
  // What the message leaves at 0 gets the defaults of davit.yaml.
  explicit PollSchedule(const v1::Healthcheck& check);

  absl::Duration start_delay() const { return start_delay_; }
  absl::Duration interval() const { return interval_; }
  // Longest time of one probe.
  absl::Duration probe_timeout() const { return probe_timeout_; }
  // From the beginning until it gives up: start_delay + attempts × interval.
  absl::Duration patience() const { return start_delay_ + attempts_ * interval_; }
  // Consecutive successes wanted.
  int successes() const { return successes_; }
  // For the display only: probes that come faster than the interval count less.
  int attempts() const { return attempts_; }

  // The pause before the next probe.
  absl::Duration NextPause();

 private:
  absl::Duration start_delay_;
  absl::Duration interval_;
  absl::Duration probe_timeout_;
  int attempts_;
  int successes_;
  absl::Duration pause_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_HEALTH_POLL_SCHEDULE_H_
