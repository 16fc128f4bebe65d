#ifndef DAVIT_WORKER_BUILD_TEST_RUN_H_
#define DAVIT_WORKER_BUILD_TEST_RUN_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/call.h"
#include "worker/build/build_output.h"
#include "worker/docker/engine.h"

namespace davit::builder {

// What the names of its containers begin with.
inline constexpr char kTestNamePrefix[] = "davit-test-";

// Runs a command in a container of an image, as `docker run --rm IMAGE COMMAND` does, to
// its end. The container and its volumes are gone afterwards, whatever happens, and
// carries `labels` meanwhile. TEST_FAILED, with exit code and last lines, when the
// command cannot be run or does not end with 0.
absl::Status RunTest(docker::Engine& engine, const std::string& image,
                     const std::vector<std::string>& command,
                     const std::map<std::string, std::string>& labels, const Call& call,
                     BuildOutput& output);

}  // namespace davit::builder

#endif  // DAVIT_WORKER_BUILD_TEST_RUN_H_
