#ifndef DAVIT_WORKER_STEPS_ONE_OFF_END_H_
#define DAVIT_WORKER_STEPS_ONE_OFF_END_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "davit/worker/v1/steps.pb.h"
#include "worker/docker/engine.h"

namespace davit::steps {

// What the end of a one-off means. Pure.

// Whether the container was ended from outside, so that its exit code says nothing of
// its command: by a signal that nobody here sent, or because the engine, which serves
// since `engine_start`, went down. `container` has exited by itself as far as its
// caller knows, with something other than 0.
bool WasInterrupted(const docker::ContainerDetails& container, absl::Time engine_start);

// "2.4s", how long its command ran.
std::string RunTime(const docker::ContainerDetails& container);

// ONE_OFF_INTERRUPTED: `why` as in "was ended from outside".
absl::Status OneOffInterrupted(const worker::v1::RunOneOff& one_off, absl::string_view why,
                               std::vector<std::string> evidence,
                               const std::vector<std::string>& log_tail = {});
// The container of OneOffInterrupted, told in its evidence.
std::vector<std::string> EndEvidence(const worker::v1::RunOneOff& one_off,
                                     const docker::ContainerDetails& container);

// one_off.failure_code, with exit code, whether memory ran out, and the last lines.
absl::Status OneOffFailed(const worker::v1::RunOneOff& one_off,
                          const docker::ContainerDetails& container,
                          const std::vector<std::string>& log_tail);

// Of a command that failed and said `text`, by which there was nothing to do.
worker::v1::StepOutputs OneOffDoneAlready(const docker::ContainerDetails& container,
                                          absl::string_view text);

// ONE_OFF_INTERRUPTED: it failed, and `why` is what kept its output from being searched.
absl::Status OneOffUnread(const worker::v1::RunOneOff& one_off, const absl::Status& why);

// STEP_TIMEOUT of a command that was ended after `limit`.
absl::Status OneOffTooSlow(const worker::v1::RunOneOff& one_off, absl::Duration limit,
                           const std::vector<std::string>& log_tail);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_ONE_OFF_END_H_
