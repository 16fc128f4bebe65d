#include "worker/build/image_tags.h"

#include "common/failure/failure.h"
#include "common/steady_time.h"

namespace davit::builder {
namespace {

constexpr absl::Duration kUndoTimeout = absl::Seconds(20);

absl::Status TagAs(docker::Engine& engine, const std::string& image, const std::string& reference,
                   const Call& call) {
  const size_t colon = reference.rfind(':');
  if (colon == std::string::npos || reference.find('/', colon) != std::string::npos) {
    return FailureStatus(v1::SPEC_INVALID, reference + " has no tag");
  }
  return engine.TagImage(image, reference.substr(0, colon), reference.substr(colon + 1), call);
}

}  // namespace

ImageTags::ImageTags(docker::Engine& engine, std::string image)
    : engine_(engine), image_(std::move(image)) {}

ImageTags::~ImageTags() {
  if (kept_) return;
  // The build's own call may be over.
  const Call call{.steady_deadline = SteadyNow() + kUndoTimeout};
  for (const auto& [reference, before] : before_) {
    if (before == image_) continue;
    const absl::Status undone = before.empty() ? engine_.DropImage(reference, call)
                                               : TagAs(engine_, before, reference, call);
    undone.IgnoreError();
  }
  const auto image = engine_.InspectImage(image_, call);
  if (image.ok() && image->tags.empty()) engine_.DropImage(image_, call).IgnoreError();
}

absl::Status ImageTags::Add(const std::string& reference, const Call& call) {
  const auto before = engine_.InspectImage(reference, call);
  if (!before.ok() && !IsFailure(before.status(), v1::IMAGE_NOT_FOUND)) return before.status();
  before_.emplace_back(reference, before.ok() ? before->id : "");
  return TagAs(engine_, image_, reference, call);
}

}  // namespace davit::builder
