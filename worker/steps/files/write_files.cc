#include <cstdlib>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/env_file/env_file.h"
#include "common/failure/failure.h"
#include "common/spec/file_template.h"
#include "worker/steps/container/inputs.h"
#include "worker/steps/files/release_files.h"
#include "worker/steps/runners.h"
#include "worker/steps/text/counted.h"

namespace davit::steps {
namespace {

using worker::v1::ContainerSpec;
using worker::v1::ReleaseFile;
using EnvironmentMap = std::map<std::string, std::string>;

constexpr char kAutoOwner[] = "auto";
// For the owner's eyes alone: an environment has secrets.
constexpr mode_t kPrivateFileMode = 0400;
constexpr long kAllModeBits = 07777;
// Of a release's files together, which are held at once. A small template can name a
// large variable as often as it likes, and there can be many files.
constexpr size_t kMostBytes = size_t{16} << 20;

absl::Status TooLarge() {
  v1::Failure failure = MakeFailure(
      v1::SPEC_INVALID,
      absl::StrCat("the files of a release may have ", kMostBytes >> 20, " MiB together"));
  failure.clear_likely_cause();
  failure.set_next_command("keep what is that large in a volume, or in the image");
  return FailureStatus(failure);
}

absl::StatusOr<std::string> RenderWithin(const ReleaseFile& file, const EnvironmentMap& environment,
                                         size_t most) {
  if (file.source_case() == ReleaseFile::kEnvFormat) {
    return WriteEnvFile(file.env_format(), environment);
  }
  auto text = spec::RenderTemplate(
      file.content(),
      [&](absl::string_view name) -> std::optional<std::string> {
        const auto found = environment.find(std::string(name));
        return found == environment.end() ? std::nullopt : std::optional(found->second);
      },
      most);
  if (absl::IsNotFound(text.status())) {
    return FailureStatus(v1::VARIABLE_MISSING, text.status().message());
  }
  return text;
}

// Takes its bytes from those that are `left`.
absl::StatusOr<std::string> Render(const ReleaseFile& file, const EnvironmentMap& environment,
                                   size_t& left) {
  auto content = RenderWithin(file, environment, left);
  if (absl::IsResourceExhausted(content.status())) return TooLarge();
  if (content.ok() && content->size() > left) return TooLarge();
  if (content.ok()) left -= content->size();
  return content;
}

bool IsAuto(const ReleaseFile& file) { return file.owner() == kAutoOwner || file.owner().empty(); }

absl::StatusOr<mode_t> ParseMode(const ReleaseFile& file) {
  if (file.mode().empty()) return kPrivateFileMode;
  char* end = nullptr;
  const long mode = std::strtol(file.mode().c_str(), &end, 8);
  if (*end == '\0' && mode >= 0 && mode <= kAllModeBits) return static_cast<mode_t>(mode);
  return FailureStatus(v1::SPEC_INVALID, absl::StrCat("the mode \"", file.mode(), "\" of ",
                                                      file.target(), " is not octal"));
}

// Says of which file it is; the message has no value of a variable.
absl::Status OfFile(const absl::Status& status, const ReleaseFile& file) {
  v1::Failure failure = FailureOf(status);
  failure.set_message(absl::StrCat(file.target(), ": ", failure.message()));
  return FailureStatus(failure);
}

std::string FilesSummary(const std::vector<RenderedFile>& files) {
  std::set<uid_t> users;
  for (const RenderedFile& file : files) users.insert(file.owner.uid);
  return absl::StrCat(Counted(files.size(), "file", "files"), " for ",
                      users.size() == 1 ? "UID " : "UIDs ", absl::StrJoin(users, ", "));
}

// Everything is known before anything is written, and what is written appears as a
// whole. So running it again, after a restart too, does no harm.
class WriteFilesRunner final : public StepRunner {
 public:
  explicit WriteFilesRunner(const RunnerEnvironment& environment)
      : engine_(environment.engine),
        reader_(environment.state_directory),
        files_(environment.state_directory) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context, StepReporter&) override {
    const ContainerSpec& container = spec.write_files().container();
    const auto environment = EnvironmentOf(container, context.secrets);
    if (!environment.ok()) return environment.status();
    std::vector<RenderedFile> files;
    std::optional<Owner> user;
    size_t left = kMostBytes;
    for (const ReleaseFile& file : container.files()) {
      const auto owner = OwnerOf(file, container, context.call, user);
      if (!owner.ok()) return OfFile(owner.status(), file);
      const auto mode = ParseMode(file);
      if (!mode.ok()) return mode.status();
      auto content = Render(file, *environment, left);
      if (!content.ok()) return OfFile(content.status(), file);
      files.push_back({file.name(), *std::move(content), *owner, *mode,
                       /*own_will_do=*/IsAuto(file) && owner->uid == 0});
    }
    if (absl::Status status = context.call.Check(); !status.ok()) return status;
    absl::Status status = files_.Write(container.files_directory(), files);
    if (!status.ok()) return status;
    worker::v1::StepOutputs outputs;
    outputs.set_summary(FilesSummary(files));
    return outputs;
  }

 private:
  // `user` keeps whom the container runs as, once it has been asked for.
  absl::StatusOr<Owner> OwnerOf(const ReleaseFile& file, const ContainerSpec& container,
                                const Call& call, std::optional<Owner>& user) const {
    if (!IsAuto(file)) return ParseOwner(file.owner());
    if (!user.has_value()) {
      const auto found = ImageUser(*engine_, container.image(), container.user(), reader_, call);
      if (!found.ok()) return found.status();
      user = *found;
    }
    return *user;
  }

  docker::Engine* const engine_;
  const std::string reader_;
  const ReleaseFiles files_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeWriteFilesRunner(const RunnerEnvironment& environment) {
  return std::make_unique<WriteFilesRunner>(environment);
}

}  // namespace davit::steps
