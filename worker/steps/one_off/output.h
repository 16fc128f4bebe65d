#ifndef DAVIT_WORKER_STEPS_ONE_OFF_OUTPUT_H_
#define DAVIT_WORKER_STEPS_ONE_OFF_OUTPUT_H_

#include <string>
#include <thread>

#include "absl/status/status.h"
#include "common/call.h"
#include "worker/docker/engine.h"
#include "worker/steps/health/log_follower.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// Reports what a container writes while it runs, each line once, from a thread of
// its own.
class OneOffOutput {
 public:
  // Nothing is owned. Goes on after context.after_log.
  OneOffOutput(docker::Engine* engine, const std::string& container_id, const StepContext& context,
               StepReporter* reporter);
  ~OneOffOutput();
  OneOffOutput(const OneOffOutput&) = delete;
  OneOffOutput& operator=(const OneOffOutput&) = delete;

  // Reports what has not been, of a container that has ended. It never relies on the
  // thread having come to the end: a connection may have been dead for a while.
  absl::Status Finish(const Call& call);

 private:
  void FollowUntilStopped();
  void Stop();

  LogFollower follower_;  // of the thread until it is joined
  CancelToken stop_;
  std::thread thread_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_ONE_OFF_OUTPUT_H_
