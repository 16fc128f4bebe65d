#ifndef DAVIT_WORKER_STEPS_CONTAINER_INPUTS_H_
#define DAVIT_WORKER_STEPS_CONTAINER_INPUTS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "davit/worker/v1/container.pb.h"

namespace davit::steps {

// Values of secrets by SecretKey(), as StepContext has them.
using SecretValues = std::map<std::string, std::string>;

// The environment of a container of `spec`: what is clear, and the values of its
// secrets. INTERNAL, naming the secret and the variable, when a value did not come
// with the step: a variable is never empty for want of one.
absl::StatusOr<std::map<std::string, std::string>> EnvironmentOf(
    const worker::v1::ContainerSpec& spec, const SecretValues& secrets);

// What the engine is given for `spec`: the whole environment is in `env`, and the
// release's files, below `state_directory`, are read-only mounts. From then on the
// values are in the engine's own record of the container, as with any tool; the
// result must get into no message. FILE_UNREADABLE when a file is gone.
absl::StatusOr<worker::v1::ContainerSpec> WithInputs(const worker::v1::ContainerSpec& spec,
                                                     const SecretValues& secrets,
                                                     const std::string& state_directory);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_CONTAINER_INPUTS_H_
