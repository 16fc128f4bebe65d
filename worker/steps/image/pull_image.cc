#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "worker/docker/registry_login.h"
#include "worker/steps/host/disk_space.h"
#include "worker/steps/image/known_image.h"
#include "worker/steps/image/platform.h"
#include "worker/steps/image/stall_guard.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

using worker::v1::PullImage;

v1::StepProgress ToProto(const docker::PullProgress& progress) {
  v1::StepProgress message;
  message.set_phase(progress.phase);
  message.set_done(progress.done_bytes);
  message.set_total(progress.total_bytes);
  message.set_unit("bytes");
  return message;
}

// Passes progress on and tells the guard whenever something has moved.
class PullWatch {
 public:
  PullWatch(StepReporter& reporter, StallGuard& guard) : reporter_(reporter), guard_(guard) {}

  void operator()(const docker::PullProgress& progress) {
    if (progress.phase != last_.phase || progress.done_bytes != last_.done_bytes ||
        progress.total_bytes != last_.total_bytes) {
      guard_.Advance();
    }
    last_ = progress;
    reporter_.Progress(ToProto(progress));
  }
  const docker::PullProgress& last() const { return last_; }

 private:
  StepReporter& reporter_;
  StallGuard& guard_;
  docker::PullProgress last_;
};

// Pulling again what is there costs nothing: the step may be run again as it is.
class PullImageRunner final : public StepRunner {
 public:
  PullImageRunner(const RunnerEnvironment& environment, absl::Duration stall_limit)
      : environment_(environment), stall_limit_(stall_limit) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context,
                                              StepReporter& reporter) override {
    const PullImage& pull = spec.pull_image();
    const auto info = environment_.engine->RecentInfo(context.call);
    if (!info.ok()) return info.status();
    worker::v1::StepOutputs outputs;
    auto image = Obtain(pull, context, reporter, outputs);
    if (!image.ok()) return image.status();
    if (absl::Status status = CheckPlatform(pull.reference(), *image, *info); !status.ok()) {
      return status;
    }
    if (absl::Status status = Keep(pull, *image, context.call); !status.ok()) return status;
    worker::v1::ResolvedImage& resolved = *outputs.mutable_image();
    resolved.set_reference(pull.reference());
    resolved.set_digest(pull.digest());
    resolved.set_image_id(image->id);
    SetDigests(image->digests, resolved);
    return outputs;
  }

 private:
  // The image as it lies on the host in the end.
  absl::StatusOr<docker::ImageDetails> Obtain(const PullImage& pull, const StepContext& context,
                                              StepReporter& reporter,
                                              worker::v1::StepOutputs& outputs) const {
    const std::string& wanted = pull.digest().empty() ? pull.image_id() : pull.digest();
    if (wanted.empty()) return FailureStatus(v1::SPEC_INVALID, "neither a digest nor an image id");
    auto local = environment_.engine->InspectImage(wanted, context.call);
    if (local.ok()) {
      outputs.set_summary("was there already");
      return local;
    }
    if (!IsFailure(local.status(), v1::IMAGE_NOT_FOUND)) return local.status();
    if (pull.digest().empty()) return NotOnThisHost(pull.reference(), pull.image_id());
    const absl::Time begin = SteadyNow();
    const auto bytes = Pull(pull, context, reporter);
    if (!bytes.ok()) return bytes.status();
    outputs.set_summary(absl::StrCat(
        "pulled ", FormatBytes(*bytes), " in ",
        absl::FormatDuration(absl::Trunc(SteadyNow() - begin, absl::Milliseconds(100)))));
    return environment_.engine->InspectImage(pull.digest(), context.call);
  }

  absl::StatusOr<int64_t> Pull(const PullImage& pull, const StepContext& context,
                               StepReporter& reporter) const {
    const auto access = docker::FindRegistryAccess(
        {pull.logins(), context.secrets, environment_.docker_config_path}, pull.digest());
    if (!access.ok()) return access.status();
    StallGuard guard(context.call, stall_limit_);
    PullWatch watch(reporter, guard);
    const absl::Status status = environment_.engine->PullImage(
        pull.digest(), access->auth, guard.call(),
        [&watch](const docker::PullProgress& progress) { watch(progress); });
    if (!status.ok() && guard.stalled()) return Stalled(pull, watch.last());
    if (!status.ok()) return docker::ExplainRefusal(status, *access);
    return watch.last().total_bytes;
  }

  absl::Status Stalled(const PullImage& pull, const docker::PullProgress& last) const {
    v1::Failure failure = MakeFailure(
        v1::STEP_STALLED,
        absl::StrCat("the pull of ", pull.reference(), " got no further for ",
                     absl::FormatDuration(stall_limit_)),
        {absl::StrCat("last: ", last.phase.empty() ? "nothing was received" : last.phase, ", ",
                      FormatBytes(last.done_bytes), " of ", FormatBytes(last.total_bytes))});
    if (last.broken_off > 0) {
      failure.add_evidence(absl::StrCat("layers that the registry broke off: ", last.broken_off));
      failure.set_likely_cause("the registry or a proxy before it ends long answers");
    }
    return FailureStatus(failure);
  }

  absl::Status Keep(const PullImage& pull, const docker::ImageDetails& image,
                    const Call& call) const {
    if (pull.keep_tag().empty()) return absl::OkStatus();
    const size_t colon = pull.keep_tag().rfind(':');
    if (colon == std::string::npos) {
      return FailureStatus(v1::SPEC_INVALID, "the keeping tag names no tag");
    }
    return environment_.engine->TagImage(image.id, pull.keep_tag().substr(0, colon),
                                         pull.keep_tag().substr(colon + 1), call);
  }

  const RunnerEnvironment environment_;
  const absl::Duration stall_limit_;
};

}  // namespace

std::unique_ptr<StepRunner> MakePullImageRunner(const RunnerEnvironment& environment,
                                                absl::Duration stall_limit) {
  return std::make_unique<PullImageRunner>(environment, stall_limit);
}

}  // namespace davit::steps
