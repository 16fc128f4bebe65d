#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "worker/steps/clean_text.h"
#include "worker/steps/health/probe.h"

namespace davit::steps {
namespace {

constexpr size_t kOutputShown = 2000;

// What shells and runtimes answer for a command that does not run.
bool IsNotFound(int exit_code) { return exit_code == 126 || exit_code == 127; }

class ExecProbe final : public Probe {
 public:
  ExecProbe(std::vector<std::string> command, docker::Engine* engine)
      : command_(std::move(command)), engine_(engine) {}

  std::string Describe(const docker::ContainerDetails&) const override {
    return absl::StrCat("command ", absl::StrJoin(command_, " "));
  }

  ProbeResult Run(const docker::ContainerDetails& container, const Call& call) override {
    const auto result = engine_->Exec(container.observed.id(), command_, call);
    if (!result.ok()) return NotRun(result.status());
    ProbeResult probe;
    probe.healthy = result->exit_code == 0;
    if (probe.healthy) return probe;
    probe.code = v1::HEALTH_COMMAND;
    probe.summary = absl::StrCat("the command exited with ", result->exit_code);
    probe.evidence.push_back(absl::StrCat("exit code: ", result->exit_code));
    const std::string output = CleanText(result->output.substr(0, kOutputShown));
    if (!output.empty()) {
      probe.evidence.push_back(absl::StrCat("output: ", absl::StripAsciiWhitespace(output)));
    }
    if (IsNotFound(result->exit_code)) {
      probe.likely_cause = "the command does not exist in the image, or cannot be executed";
    }
    return probe;
  }

 private:
  static ProbeResult NotRun(const absl::Status& status) {
    ProbeResult probe;
    const bool late = absl::IsDeadlineExceeded(status);
    probe.code = late ? v1::HEALTH_TIMEOUT : v1::HEALTH_COMMAND;
    probe.summary = late ? "the command did not end in time" : std::string(status.message());
    const v1::Failure failure = FailureOf(status);
    if (!late) probe.evidence = {failure.evidence().begin(), failure.evidence().end()};
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
