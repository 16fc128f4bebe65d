#ifndef DAVIT_WORKER_SERVICE_RUNS_LOGS_H_
#define DAVIT_WORKER_SERVICE_RUNS_LOGS_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/call.h"
#include "worker/docker/engine.h"

namespace davit::service {

// Output of a container as Engine::Logs gives it; with options.follow that of its later runs,
// too, without a line twice: a container that is started again within two seconds, or
// that the engine restarts, goes on. OK at the end of what was asked for: when `sink` wants no
// more, and for a follower when the container stays where it ended, is removed, or has left its
// name to another one. Errors are those of Engine::Logs.
absl::Status LogsOfRuns(docker::Engine& engine, const std::string& container,
                        docker::LogOptions options, const Call& call,
                        absl::FunctionRef<bool(docker::LogLine)> sink);

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_RUNS_LOGS_H_
