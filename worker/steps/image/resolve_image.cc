#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "worker/docker/registry_login.h"
#include "worker/steps/image/known_image.h"
#include "worker/steps/image/platform.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

using worker::v1::ResolvedImage;
using worker::v1::ResolveImage;

// A built image that is in no registry is the host's, whatever the policy. Else,
// always: the registry's word. never: the host's. missing: the host's, then the
// registry's.
class ResolveImageRunner final : public StepRunner {
 public:
  explicit ResolveImageRunner(const RunnerEnvironment& environment) : environment_(environment) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context, StepReporter&) override {
    const ResolveImage& wanted = spec.resolve_image();
    const auto info = environment_.engine->RecentInfo(context.call);
    if (!info.ok()) return info.status();
    const Answer image = Resolve(wanted, *info, context);
    if (!image.ok()) return image.status();
    worker::v1::StepOutputs outputs;
    *outputs.mutable_image() = **image;
    const ResolvedImage& resolved = outputs.image();
    outputs.set_summary(resolved.digest().empty() ? resolved.image_id() : resolved.digest());
    return outputs;
  }

 private:
  using Answer = absl::StatusOr<std::optional<ResolvedImage>>;

  Answer Resolve(const ResolveImage& wanted, const docker::EngineInfo& info,
                 const StepContext& context) const {
    if (!wanted.image_id().empty()) return AskForBuilt(wanted, info, context.call);
    if (wanted.pull_policy() != "always") {
      Answer local = AskHost(wanted, info, context.call);
      if (!local.ok() || local->has_value()) return local;
    }
    return AskRegistry(wanted, info, context);
  }

  // What was built on this host, by its id: a tag may have moved since.
  Answer AskForBuilt(const ResolveImage& wanted, const docker::EngineInfo& info,
                     const Call& call) const {
    const auto local = environment_.engine->InspectImage(wanted.image_id(), call);
    if (IsFailure(local.status(), v1::IMAGE_NOT_FOUND)) {
      return NotOnThisHost(wanted.reference(), wanted.image_id());
    }
    if (!local.ok()) return local.status();
    return LocalImage(wanted, *local, info);
  }

  static Answer LocalImage(const ResolveImage& wanted, const docker::ImageDetails& local,
                           const docker::EngineInfo& info) {
    absl::Status status = CheckPlatform(wanted.reference(), local, info);
    if (!status.ok()) return status;
    ResolvedImage image;
    image.set_reference(wanted.reference());
    image.set_image_id(local.id);
    image.set_digest(FindDigest(wanted.reference(), local.digests));
    SetDigests(local.digests, image);
    return image;
  }

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
    return LocalImage(wanted, *local, info);
  }

  Answer AskRegistry(const ResolveImage& wanted, const docker::EngineInfo& info,
                     const StepContext& context) const {
    docker::Engine& engine = *environment_.engine;
    const auto access = docker::FindRegistryAccess(
        {wanted.logins(), context.secrets, environment_.docker_config_path}, wanted.reference());
    if (!access.ok()) return access.status();
    const auto distribution =
        engine.InspectDistribution(wanted.reference(), access->auth, context.call);
    if (!distribution.ok()) return docker::ExplainRefusal(distribution.status(), *access);
    absl::Status status = CheckPlatforms(wanted.reference(), distribution->platforms, info);
    if (!status.ok()) return status;
    ResolvedImage image;
    image.set_reference(wanted.reference());
    image.set_digest(absl::StrCat(RepositoryOf(wanted.reference()), "@", distribution->digest));
    const auto local = engine.InspectImage(image.digest(), context.call);
    if (local.ok()) image.set_image_id(local->id);
    SetDigests(local.ok() ? local->digests : std::vector<std::string>(), image);
    return image;
  }

  const RunnerEnvironment environment_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeResolveImageRunner(const RunnerEnvironment& environment) {
  return std::make_unique<ResolveImageRunner>(environment);
}

}  // namespace davit::steps
