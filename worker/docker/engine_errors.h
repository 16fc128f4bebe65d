#ifndef DAVIT_WORKER_DOCKER_ENGINE_ERRORS_H_
#define DAVIT_WORKER_DOCKER_ENGINE_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace davit::docker {

// What the engine was asked for; the same words of an error mean different
// things for each.
enum class Operation : unsigned {
  kRegistry = 1,    // pull an image, ask for its digest
  kImage = 2,       // an image on the host
  kCreate = 4,      // create a container
  kStart = 8,       // start a container, or a command in it
  kContainer = 16,  // anything else with a container
  kOther = 32,      // networks, volumes, the engine
};

struct Topic {
  Operation operation = Operation::kOther;
  std::string subject;  // name or reference that it is about, for the message
};

// The failure that an error answer of the engine means: by the table in
// engine_errors.cc, DOCKER_ERROR when no row fits. `http_status` is 0 for an
// error inside a stream. The engine's words become evidence.
absl::Status EngineErrorStatus(const Topic& topic, int http_status, absl::string_view message);

// Host of the registry of an image reference; docker.io where it names none.
std::string RegistryOf(absl::string_view reference);

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_ENGINE_ERRORS_H_
