#ifndef DAVIT_WORKER_STEPS_CONTAINER_LOOKUP_H_
#define DAVIT_WORKER_STEPS_CONTAINER_LOOKUP_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "davit/v1/failure.pb.h"
#include "worker/docker/engine.h"

namespace davit::steps {

// Label that says which step started a container.
inline constexpr char kStepLabel[] = "davit.step";

// The container of that name or id; nullopt when there is none.
absl::StatusOr<std::optional<docker::ContainerDetails>> FindContainer(docker::Engine& engine,
                                                                      absl::string_view container,
                                                                      const Call& call);

// Whether it has been started at least once.
bool WasStarted(const docker::ContainerDetails& container);
bool IsRunning(const docker::ContainerDetails& container);

// "web (3f2a9c01b7de)".
std::string Describe(const worker::v1::ObservedContainer& container);

// The container's last 100 lines, oldest first; what can be had within 3 s. Does
// not obey a step's deadline: it is asked for when that has passed.
std::vector<std::string> LogTail(docker::Engine& engine, absl::string_view container);
// The same, as the failure's.
void AddLogTail(docker::Engine& engine, absl::string_view container, v1::Failure& failure);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_CONTAINER_LOOKUP_H_
