#ifndef DAVIT_WORKER_STEPS_IMAGE_PLATFORM_H_
#define DAVIT_WORKER_STEPS_IMAGE_PLATFORM_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "worker/docker/engine.h"

namespace davit::steps {

// IMAGE_WRONG_PLATFORM unless the host can run the image. What the image does not
// say counts as right.
absl::Status CheckPlatform(absl::string_view reference, const docker::ImageDetails& image,
                           const docker::EngineInfo& engine);
// The same for the platforms that a registry lists.
absl::Status CheckPlatforms(absl::string_view reference, const std::vector<std::string>& platforms,
                            const docker::EngineInfo& engine);

// Of several repo@sha256:…, the one in the repository of `reference`; empty when
// there is none. Docker Hub's repositories have several spellings.
std::string FindDigest(absl::string_view reference, const std::vector<std::string>& digests);

// The reference without its tag and digest.
std::string RepositoryOf(absl::string_view reference);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_IMAGE_PLATFORM_H_
