#ifndef DAVIT_COMMON_SPEC_IMAGE_REFERENCE_H_
#define DAVIT_COMMON_SPEC_IMAGE_REFERENCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace davit::spec {

// [registry/]repository[:tag][@sha256:…], by the grammar of
// github.com/distribution/reference.
struct ImageReference {
  std::string registry;    // host[:port] as written; empty: Docker Hub is implied
  std::string repository;  // path without the registry
  std::string tag;         // empty when absent
  std::string digest;      // sha256:<64 hex>; empty when absent

  // registry/repository, or repository.
  std::string Name() const;
  std::string ToString() const;
};

// INVALID_ARGUMENT that says what is wrong with the text.
absl::StatusOr<ImageReference> ParseImageReference(absl::string_view text);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_IMAGE_REFERENCE_H_
