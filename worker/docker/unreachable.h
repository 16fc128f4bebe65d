#ifndef DAVIT_WORKER_DOCKER_UNREACHABLE_H_
#define DAVIT_WORKER_DOCKER_UNREACHABLE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace davit::docker {

// DOCKER_UNREACHABLE with evidence and advice of its own for each way in which
// a socket does not answer. `os_error` is the errno of the failed connect, 0
// when a connection was made and broke; `what` is libcurl's word for it.
absl::Status UnreachableStatus(absl::string_view socket_path, int os_error, absl::string_view what);

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_UNREACHABLE_H_
