#ifndef DAVIT_WORKER_STEPS_IMAGE_KNOWN_IMAGE_H_
#define DAVIT_WORKER_STEPS_IMAGE_KNOWN_IMAGE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "davit/worker/v1/steps.pb.h"

namespace davit::steps {

// Sets `image.digests`: those that the host knows, and `image.digest` itself.
void SetDigests(const std::vector<std::string>& known, worker::v1::ResolvedImage& image);

// IMAGE_NOT_FOUND of an image that no registry is asked for.
absl::Status NotOnThisHost(const std::string& reference, const std::string& image_id);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_IMAGE_KNOWN_IMAGE_H_
