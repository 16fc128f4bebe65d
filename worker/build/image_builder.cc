#include "worker/build/image_builder.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/id.h"
#include "google/protobuf/util/time_util.h"
#include "worker/build/base_logins.h"
#include "worker/build/image_tags.h"
#include "worker/build/test_run.h"

namespace davit::builder {
namespace {

using worker::v1::BuildJob;

constexpr char kBuilderLabel[] = "davit.builder";
constexpr char kProcessLabel[] = "davit.builder.process";

absl::Duration TimeoutOf(const BuildJob& job) {
  if (!job.has_timeout()) return absl::InfiniteDuration();
  return absl::Nanoseconds(google::protobuf::util::TimeUtil::DurationToNanoseconds(job.timeout()));
}

absl::Status CheckJob(const BuildJob& job) {
  if (!job.has_build() || job.references().empty()) {
    return FailureStatus(v1::SPEC_INVALID, "a build without a name for its image");
  }
  for (const std::string& pushed : job.push()) {
    const auto& all = job.references();
    if (std::find(all.begin(), all.end(), pushed) != all.end()) continue;
    return FailureStatus(v1::SPEC_INVALID, absl::StrCat(pushed, " is no name of the image"));
  }
  return absl::OkStatus();
}

std::vector<std::string> SecretValues(const BuildJob& job) {
  std::vector<std::string> values;
  for (const auto& [key, value] : job.secrets()) values.push_back(value);
  return values;
}

// One build, stage after stage.
class OneBuild {
 public:
  OneBuild(docker::Engine& engine, const BuildJob& job, docker::LoginSources logins,
           const Call& call, BuildOutput& output)
      : engine_(engine), job_(job), logins_(std::move(logins)), call_(call), output_(output) {}

  absl::StatusOr<std::string> MakeImage(const docker::TarSource& context) {
    docker::BuildOptions options;
    options.dockerfile =
        job_.build().dockerfile().empty() ? "Dockerfile" : job_.build().dockerfile();
    options.target = job_.build().target();
    options.args = {job_.build().args().begin(), job_.build().args().end()};
    options.labels = {job_.labels().begin(), job_.labels().end()};
    auto logins = BaseLogins(logins_);
    if (!logins.ok()) return logins.status();
    options.logins = *std::move(logins);
    output_.BeginStage(v1::BuildOutput::BUILD);
    auto id = engine_.BuildImage(options, context, call_,
                                 [this](absl::string_view lines) { output_.Lines(lines); });
    output_.EndStage();
    return id;
  }

  absl::Status Test(const std::string& image, const std::map<std::string, std::string>& labels) {
    const auto& command = job_.build().test();
    if (command.empty()) return absl::OkStatus();
    output_.BeginStage(v1::BuildOutput::TEST);
    const absl::Status status =
        RunTest(engine_, image, {command.begin(), command.end()}, labels, call_, output_);
    output_.EndStage();
    return status;
  }

  // The digests, in the order of the pushes.
  absl::StatusOr<std::vector<std::string>> Push() {
    std::vector<std::string> digests;
    for (const std::string& reference : job_.push()) {
      output_.BeginStage(v1::BuildOutput::PUSH, reference);
      const auto access = docker::FindRegistryAccess(logins_, reference);
      if (!access.ok()) return access.status();
      const auto digest = engine_.PushImage(
          reference, access->auth, call_,
          [&](const docker::PullProgress& progress) { output_.Progress(progress); });
      if (!digest.ok()) return docker::ExplainRefusal(digest.status(), *access);
      digests.push_back(absl::StrCat(reference.substr(0, reference.rfind(':')), "@", *digest));
    }
    return digests;
  }

  absl::StatusOr<v1::BuiltImage> Run(const docker::TarSource& context,
                                     const std::map<std::string, std::string>& labels) {
    const auto image = MakeImage(context);
    if (!image.ok()) return image.status();
    ImageTags tags(engine_, *image);
    absl::Status status = Test(*image, labels);
    for (const std::string& reference : job_.references()) {
      if (status.ok()) status = tags.Add(reference, call_);
    }
    if (!status.ok()) return status;
    const auto digests = Push();
    if (!digests.ok()) return digests.status();
    tags.Keep();
    v1::BuiltImage built;
    built.set_reference(job_.references(0));
    built.set_image_id(*image);
    built.mutable_digests()->Assign(digests->begin(), digests->end());
    return built;
  }

 private:
  docker::Engine& engine_;
  const BuildJob& job_;
  const docker::LoginSources logins_;
  const Call call_;
  BuildOutput& output_;
};

}  // namespace

ImageBuilder::ImageBuilder(ImageBuilderOptions options)
    : options_(std::move(options)), process_(NewRandomId()) {}

absl::Status ImageBuilder::RemoveLeftovers(const Call& call) {
  const auto left = options_.engine->ListContainers({{kBuilderLabel, options_.name}}, call);
  if (!left.ok()) return left.status();
  for (const worker::v1::ObservedContainer& container : *left) {
    // A container has the labels of its image, too: those alone make it nothing of ours.
    if (!absl::StartsWith(container.name(), kTestNamePrefix)) continue;
    const auto process = container.labels().find(kProcessLabel);
    if (process != container.labels().end() && process->second == process_) continue;
    const absl::Status removed = options_.engine->RemoveWithVolumes(container.id());
    if (!removed.ok()) return removed;
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::BuiltImage> ImageBuilder::Build(const BuildJob& job,
                                                   const docker::TarSource& context,
                                                   const Call& call, BuildOutput::Sink output) {
  if (absl::Status wrong = CheckJob(job); !wrong.ok()) return wrong;
  const absl::Duration timeout = TimeoutOf(job);
  const Call limited = call.Within(timeout);
  if (absl::Status swept = RemoveLeftovers(limited); !swept.ok()) return swept;
  const std::vector<std::string> values = SecretValues(job);
  const Redactor redactor(values);
  BuildOutput told(redactor, output);
  docker::LoginSources logins{
      job.logins(), {job.secrets().begin(), job.secrets().end()}, options_.docker_config_path};
  auto built = OneBuild(*options_.engine, job, std::move(logins), limited, told)
                   .Run(context, {{kBuilderLabel, options_.name}, {kProcessLabel, process_}});
  if (built.ok()) return built;
  // A context that stalled has ended before the time was over.
  const bool late =
      absl::IsDeadlineExceeded(built.status()) && !IsFailure(built.status(), v1::STEP_STALLED);
  if (late && call.Check().ok()) {
    return FailureStatus(v1::STEP_TIMEOUT, absl::StrCat("the build took longer than ",
                                                        absl::FormatDuration(timeout)));
  }
  return told.Masked(built.status());
}

}  // namespace davit::builder
