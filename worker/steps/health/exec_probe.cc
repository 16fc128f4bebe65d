#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/failure/failure.h"
#include "worker/steps/health/probe.h"
#include "worker/steps/text/clean_text.h"

namespace davit::steps {
namespace {

constexpr size_t kOutputShown = 2000;

// What shells and runtimes answer for a command that does not run.
bool IsNotFound(int exit_code) { return exit_code == 126 || exit_code == 127; }

// As a shell reads it.
std::string Quoted(const std::string& word) {
  constexpr absl::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,";
  if (!word.empty() && word.find_first_not_of(kPlain.data()) == std::string::npos) return word;
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

// How to try the command where a container of the image is gone by the time that
// somebody reads this.
std::string TryByHand(const std::vector<std::string>& command,
                      const docker::ContainerDetails& container) {
  std::string line = absl::StrCat("docker run --rm --entrypoint ", Quoted(command.front()), " ",
                                  container.observed.image_reference());
  for (size_t i = 1; i < command.size(); ++i) absl::StrAppend(&line, " ", Quoted(command[i]));
  return absl::StrCat("try the command in a container of the image: `", line, "`");
}

class ExecProbe final : public Probe {
 public:
  ExecProbe(std::vector<std::string> command, docker::Engine* engine)
      : command_(std::move(command)), engine_(engine) {}

  std::string Describe(const docker::ContainerDetails&) const override {
    return absl::StrCat("command ", absl::StrJoin(command_, " "));
  }

  ProbeResult Run(const docker::ContainerDetails& container, const Call& call) override {
    const auto result = engine_->Exec(container.observed.id(), command_, call);
    if (!result.ok()) return NotRun(result.status(), container);
    ProbeResult probe;
    probe.healthy = result->exit_code == 0;
    if (probe.healthy) return probe;
    probe.code = v1::HEALTH_COMMAND;
    probe.next_command = TryByHand(command_, container);
    probe.summary = absl::StrCat("the command exited with ", result->exit_code);
    probe.evidence.push_back(absl::StrCat("exit code: ", result->exit_code));
    const bool cut = result->output.size() > kOutputShown;
    const std::string output = CleanText(result->output.substr(0, kOutputShown));
    if (!output.empty()) {
      probe.evidence.push_back(
          absl::StrCat("output: ", absl::StripAsciiWhitespace(output), cut ? "…" : ""));
    }
    if (IsNotFound(result->exit_code)) {
      probe.likely_cause = "the command does not exist in the image, or cannot be executed";
    }
    return probe;
  }

 private:
  ProbeResult NotRun(const absl::Status& status, const docker::ContainerDetails& container) const {
    ProbeResult probe;
    const bool late = absl::IsDeadlineExceeded(status);
    probe.code = late ? v1::HEALTH_TIMEOUT : v1::HEALTH_COMMAND;
    probe.summary = late ? "the command did not end in time" : std::string(status.message());
    const v1::Failure failure = FailureOf(status);
    if (late) return probe;
    probe.evidence = {failure.evidence().begin(), failure.evidence().end()};
    probe.next_command = TryByHand(command_, container);
    if (failure.code() == v1::COMMAND_NOT_FOUND) probe.likely_cause = failure.likely_cause();
    return probe;
  }

  const std::vector<std::string> command_;
  docker::Engine* const engine_;
};

}  // namespace

std::unique_ptr<Probe> MakeExecProbe(const v1::ExecProbe& probe, docker::Engine* engine) {
  return std::make_unique<ExecProbe>(
      std::vector<std::string>(probe.command().begin(), probe.command().end()), engine);
}

}  // namespace davit::steps
