#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "worker/steps/image_platform.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

using worker::v1::ResolvedImage;
using worker::v1::ResolveImage;

// always: the registry's word. never: the host's. missing: the host's, then the
// registry's.
class ResolveImageRunner final : public StepRunner {
 public:
  explicit ResolveImageRunner(const RunnerEnvironment& environment) : environment_(environment) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context, StepReporter&) override {
    const ResolveImage& wanted = spec.resolve_image();
    const auto info = environment_.engine->Info(context.call);
    if (!info.ok()) return info.status();
    absl::StatusOr<std::optional<ResolvedImage>> image = std::nullopt;
    if (wanted.pull_policy() != "always") image = AskHost(wanted, *info, context.call);
    if (!image.ok()) return image.status();
    if (!image->has_value()) image = AskRegistry(wanted, *info, context.call);
    if (!image.ok()) return image.status();
    worker::v1::StepOutputs outputs;
    *outputs.mutable_image() = **std::move(image);
    const ResolvedImage& resolved = outputs.image();
    outputs.set_summary(resolved.digest().empty() ? resolved.image_id() : resolved.digest());
    return outputs;
  }

 private:
  using Answer = absl::StatusOr<std::optional<ResolvedImage>>;

  // nullopt when the registry is to be asked.
  Answer AskHost(const ResolveImage& wanted, const docker::EngineInfo& info,
                 const Call& call) const {
    const auto local = environment_.engine->InspectImage(wanted.reference(), call);
    if (IsFailure(local.status(), v1::IMAGE_NOT_FOUND)) {
      if (wanted.pull_policy() != "never") return std::nullopt;
      return FailureStatus(v1::IMAGE_NOT_FOUND,
                           absl::StrCat("the host does not have ", wanted.reference(),
                                        ", and pull_policy is never"));
    }
    if (!local.ok()) return local.status();
    absl::Status status = CheckPlatform(wanted.reference(), *local, info);
    if (!status.ok()) return status;
    ResolvedImage image;
    image.set_reference(wanted.reference());
    image.set_image_id(local->id);
    image.set_digest(FindDigest(wanted.reference(), local->digests));
    return image;
  }

  Answer AskRegistry(const ResolveImage& wanted, const docker::EngineInfo& info,
                     const Call& call) const {
    docker::Engine& engine = *environment_.engine;
    std::optional<docker::RegistryAuth> auth;
    if (!environment_.docker_config_path.empty()) {
      auto found = docker::FindRegistryAuth(environment_.docker_config_path, wanted.reference());
      if (!found.ok()) return found.status();
      auth = *std::move(found);
    }
    const auto distribution = engine.InspectDistribution(wanted.reference(), auth, call);
    if (!distribution.ok()) return distribution.status();
    absl::Status status = CheckPlatforms(wanted.reference(), distribution->platforms, info);
    if (!status.ok()) return status;
    ResolvedImage image;
    image.set_reference(wanted.reference());
    image.set_digest(absl::StrCat(RepositoryOf(wanted.reference()), "@", distribution->digest));
    const auto local = engine.InspectImage(image.digest(), call);
    if (local.ok()) image.set_image_id(local->id);
    return image;
  }

  const RunnerEnvironment environment_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeResolveImageRunner(const RunnerEnvironment& environment) {
  return std::make_unique<ResolveImageRunner>(environment);
}

}  // namespace davit::steps
