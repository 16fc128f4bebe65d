#ifndef DAVIT_WORKER_BUILD_IMAGE_TAGS_H_
#define DAVIT_WORKER_BUILD_IMAGE_TAGS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/call.h"
#include "worker/docker/engine.h"

namespace davit::builder {

// The names that a build gives to its image. Unless they are kept, they mean again
// what they meant before, and an image that has no name left is dropped.
class ImageTags {
 public:
  // `engine` outlives it.
  ImageTags(docker::Engine& engine, std::string image);
  ~ImageTags();
  ImageTags(const ImageTags&) = delete;
  ImageTags& operator=(const ImageTags&) = delete;

  // `reference` is repository:tag.
  absl::Status Add(const std::string& reference, const Call& call);
  void Keep() { kept_ = true; }

 private:
  docker::Engine& engine_;
  const std::string image_;
  bool kept_ = false;
  std::vector<std::pair<std::string, std::string>> before_;  // reference; image id or empty
};

}  // namespace davit::builder

#endif  // DAVIT_WORKER_BUILD_IMAGE_TAGS_H_
