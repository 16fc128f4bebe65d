#ifndef DAVIT_WORKER_STEPS_HEALTH_LOG_FOLLOWER_H_
#define DAVIT_WORKER_STEPS_HEALTH_LOG_FOLLOWER_H_

#include <cstdint>
#include <string>

#include "common/call.h"
#include "davit/v1/deployment.pb.h"
#include "worker/docker/engine.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// Finds the lines that are new in what Docker gives "since", which is inclusive:
// lines of one timestamp are told apart by their number. Pure.
class LogPositions {
 public:
  LogPositions(std::string container_id, int64_t since_unix_nanos);

  int64_t since_unix_nanos() const { return last_.time_unix_nanos(); }
  // Lines up to `position` are not new, if it is of this container.
  void SkipTo(const v1::LogPosition& position);
  // Before the lines of each answer.
  void BeginAnswer() {
    seen_time_ = -1;
    caught_up_ = false;
  }
  // Whether the next line of the answer is new; its position is last() then, also
  // where the line was written earlier.
  bool Take(int64_t time_unix_nanos);
  const v1::LogPosition& last() const { return last_; }

 private:
  v1::LogPosition last_;  // of the last new line
  bool any_ = false;      // whether there was one
  int64_t seen_time_ = -1;
  int32_t seen_ordinal_ = 0;
  bool caught_up_ = false;  // the answer has come to what is new
};

// Reports a container's output in instalments, each line once. Asks again each
// time and never trusts a connection to be alive.
class LogFollower {
 public:
  // Nothing is owned. From `since` on, and after what context.after_log says.
  LogFollower(docker::Engine* engine, std::string container_id, int64_t since_unix_nanos,
              const StepContext& context, StepReporter* reporter);

  // Reports what is new, two thousand lines at most. A container whose log cannot
  // be read has none.
  void Poll(const Call& call);
  // Reports what is new as it is written, until the container ends or `call` says so.
  // OK says nothing: the connection may have been given up silently.
  absl::Status Follow(const Call& call);
  // Reports all that there is and that is new. Errors as of Engine::Logs.
  absl::Status ReadToEnd(const Call& call);

 private:
  absl::Status Read(docker::LogOptions options, const Call& call, int64_t most);

  docker::Engine* const engine_;
  const std::string container_id_;
  StepReporter* const reporter_;
  LogPositions positions_;
  bool readable_ = true;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_HEALTH_LOG_FOLLOWER_H_
