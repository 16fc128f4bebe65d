#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/failure/failure.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/files/release_files.h"
#include "worker/steps/resources/created_record.h"
#include "worker/steps/runners.h"
#include "worker/steps/text/counted.h"

namespace davit::steps {
namespace {

using worker::v1::Prune;

// Goes on after an error: the rest can still be cleared up.
class PruneRunner final : public StepRunner {
 public:
  explicit PruneRunner(const RunnerEnvironment& environment)
      : engine_(environment.engine),
        reader_(environment.state_directory),
        records_(environment.state_directory),
        files_(environment.state_directory) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context, StepReporter&) override {
    std::vector<absl::Status> errors;
    int containers = 0, images = 0, tags = 0;
    for (const std::string& id : spec.prune().container_ids()) {
      Count(RemoveContainer(id, context.call), containers, errors);
    }
    for (const std::string& tag : SpareTags(spec.prune(), context.call, errors)) {
      const auto gone = RemoveTag(tag, context.call);
      Count(gone.status(), tags, errors);
      if (gone.ok() && *gone) ++images;
    }
    if (absl::Status status = engine_->RemoveLeftReaders(reader_, context.call); !status.ok()) {
      errors.push_back(std::move(status));
    }
    RemoveFiles(spec.prune(), errors);
    records_.Forget(context.key);
    if (absl::Status status = context.call.Check(); !status.ok()) return status;
    if (!errors.empty()) return Together(errors);
    worker::v1::StepOutputs outputs;
    // What has other tags, or is used, is only kept no longer for a way back.
    const int left = tags - images;
    outputs.set_summary(absl::StrCat(
        Counted(containers, "container", "containers"), " and ", Counted(images, "image", "images"),
        " removed",
        left == 0 ? "" : absl::StrCat("; ", Counted(left, "image", "images"), " no longer kept")));
    return outputs;
  }

 private:
  static void Count(const absl::Status& status, int& done, std::vector<absl::Status>& errors) {
    if (status.ok()) {
      ++done;
    } else {
      errors.push_back(status);
    }
  }

  // Files cost next to nothing, but hold what secrets were.
  void RemoveFiles(const Prune& prune, std::vector<absl::Status>& errors) const {
    if (prune.files_directory().empty()) return;
    const auto removed = files_.RemoveOthers(
        prune.files_directory(), {prune.keep_releases().begin(), prune.keep_releases().end()});
    if (!removed.ok()) errors.push_back(removed.status());
  }

  static absl::Status Together(const std::vector<absl::Status>& errors) {
    v1::Failure failure = FailureOf(errors.front());
    if (errors.size() == 1) return FailureStatus(failure);
    failure.set_message(absl::StrCat(errors.size(), " things could not be cleared up"));
    for (const absl::Status& error : errors) failure.add_evidence(std::string(error.message()));
    return FailureStatus(failure);
  }

  absl::Status RemoveContainer(const std::string& id, const Call& call) const {
    const auto container = FindContainer(*engine_, id, call);
    if (!container.ok()) return container.status();
    if (!container->has_value()) return absl::OkStatus();
    if (IsRunning(**container)) {
      return FailureStatus(v1::DOCKER_ERROR,
                           absl::StrCat("the replaced container ", Describe((*container)->observed),
                                        " runs, so it stays"));
    }
    return engine_->RemoveContainer(id, call);
  }

  std::vector<std::string> SpareTags(const Prune& prune, const Call& call,
                                     std::vector<absl::Status>& errors) const {
    if (prune.keep_repository().empty()) return {};
    const auto tags = engine_->ListTags(prune.keep_repository(), call);
    if (!tags.ok()) {
      errors.push_back(tags.status());
      return {};
    }
    const std::set<std::string> kept(prune.keep_tags().begin(), prune.keep_tags().end());
    std::vector<std::string> spare;
    for (const std::string& tag : *tags) {
      const std::string name(absl::StripPrefix(tag, absl::StrCat(prune.keep_repository(), ":")));
      if (!kept.contains(name)) spare.push_back(tag);
    }
    return spare;
  }

  // Whether the image is gone now.
  absl::StatusOr<bool> RemoveTag(const std::string& tag, const Call& call) const {
    const auto image = engine_->InspectImage(tag, call);
    if (IsFailure(image.status(), v1::IMAGE_NOT_FOUND)) return true;
    if (!image.ok()) return image.status();
    if (absl::Status status = engine_->RemoveImage(tag, call); !status.ok()) return status;
    return RemoveUnusedImage(image->id, call);
  }

  // Without its last tag an image is held by its digests alone, which no pull of
  // ours needs any more.
  absl::StatusOr<bool> RemoveUnusedImage(const std::string& id, const Call& call) const {
    const auto image = engine_->InspectImage(id, call);
    if (IsFailure(image.status(), v1::IMAGE_NOT_FOUND)) return true;
    if (!image.ok()) return image.status();
    const auto used = IsUsed(id, call);
    if (!used.ok()) return used.status();
    if (!image->tags.empty() || *used) return false;
    for (const std::string& digest : image->digests) {
      if (absl::Status status = engine_->RemoveImage(digest, call); !status.ok()) return status;
    }
    return true;
  }

  absl::StatusOr<bool> IsUsed(const std::string& image_id, const Call& call) const {
    const auto containers = engine_->ListContainers({}, call);
    if (!containers.ok()) return containers.status();
    return std::any_of(containers->begin(), containers->end(),
                       [&](const auto& c) { return c.image_id() == image_id; });
  }

  docker::Engine* const engine_;
  const std::string reader_;
  const CreatedRecords records_;
  const ReleaseFiles files_;
};

}  // namespace

std::unique_ptr<StepRunner> MakePruneRunner(const RunnerEnvironment& environment) {
  return std::make_unique<PruneRunner>(environment);
}

}  // namespace davit::steps
