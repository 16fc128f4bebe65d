#ifndef DAVIT_WORKER_BUILD_IMAGE_BUILDER_H_
#define DAVIT_WORKER_BUILD_IMAGE_BUILDER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/call.h"
#include "davit/v1/deployment_service.pb.h"
#include "davit/worker/v1/worker_service.pb.h"
#include "worker/build/build_output.h"
#include "worker/docker/engine.h"

namespace davit::builder {

struct ImageBuilderOptions {
  docker::Engine* engine = nullptr;  // outlives the builder
  std::string docker_config_path;    // logins of the host; empty: there are none
  std::string name;                  // of this worker, the same after a restart
};

// Builds images: with the engine's builder, then the test command in a container of the
// image, then the tags, then the pushes, each with its registry's own login. The first
// that fails ends it, and what was left of it is removed: containers and names, not
// what the engine's builder keeps of an image to be quicker the next time. A build is
// not remembered anywhere; one that breaks is begun again. Thread-safe.
class ImageBuilder {
 public:
  explicit ImageBuilder(ImageBuilderOptions options);

  // Removes the containers of tests that an earlier process was killed over.
  absl::Status RemoveLeftovers(const Call& call);

  // Reads `context` to its end, and obeys `call` and the job's own timeout. `output`
  // hears everything, with the values of the job's secrets masked; so is the failure.
  // BUILD_FAILED, TEST_FAILED, PUSH_FAILED, REGISTRY_DENIED, REGISTRY_UNREACHABLE,
  // SECRET_MISSING, the engine's codes; STEP_TIMEOUT when it takes too long.
  absl::StatusOr<v1::BuiltImage> Build(const worker::v1::BuildJob& job,
                                       const docker::TarSource& context, const Call& call,
                                       BuildOutput::Sink output);

 private:
  const ImageBuilderOptions options_;
  const std::string process_;  // random
};

}  // namespace davit::builder

#endif  // DAVIT_WORKER_BUILD_IMAGE_BUILDER_H_
