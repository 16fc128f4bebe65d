#include "worker/steps/preflight/access_check.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "worker/probe/installed_program.h"
#include "worker/probe/report.h"
#include "worker/steps/preflight/access_findings.h"
#include "worker/steps/preflight/access_probe.h"
#include "worker/steps/text/counted.h"

namespace davit::steps {
namespace {

constexpr size_t kAtOnce = 4;
// Far longer than any probe takes whose mounts answer.
constexpr absl::Duration kProbePatience = absl::Minutes(1);

bool IsRoot(const std::string& user) {
  const std::string name = user.substr(0, user.find(':'));
  return name.empty() || name == "0" || name == "root";
}

std::string RootNote(const std::string& service) { return absl::StrCat(service, " runs as root"); }

std::string Note(const AccessProbe& probe, const probe::Report& report, const std::string& user) {
  const std::string& service = probe.container.service_name();
  const int places = static_cast<int>(probe.places.size());
  return absl::StrCat(
      report.uid == 0 ? RootNote(service)
                      : absl::StrCat(service, " runs as ", DescribeUser(report, user)),
      places == 0 ? ""
                  : absl::StrCat(" and has access to its ", Counted(places, "mount", "mounts")));
}

// The probe itself may not run here, say where the state directory is mounted
// noexec: that is no fault of the release.
std::string NotProbed(const std::string& service, const absl::Status& why) {
  return absl::StrCat("the mounts of ", service, " were not probed: ", why.message());
}

absl::Status NoAnswer(const std::string& service) {
  v1::Failure failure = MakeFailure(
      v1::VOLUME_UNUSABLE, absl::StrCat("a mount of ", service, " does not answer"),
      {absl::StrCat("the probe did not end within ", absl::FormatDuration(kProbePatience))});
  failure.set_likely_cause("a network file system whose server is away");
  return FailureStatus(failure);
}

}  // namespace

// What the probe says in a container of the image; nothing where it cannot run,
// which `note` tells then.
absl::StatusOr<std::optional<probe::Report>> AccessCheck::Ask(const AccessProbe& probe,
                                                              const Call& call,
                                                              std::string& note) const {
  const std::string& service = probe.container.service_name();
  const Call patient = call.Within(kProbePatience);
  const auto run = engine_->RunThrowaway(probe.container, state_directory_, patient);
  if (IsFailure(run.status(), v1::COMMAND_NOT_FOUND)) {
    note = NotProbed(service, run.status());
    return std::nullopt;
  }
  if (!run.ok() && !patient.Check().ok() && call.Check().ok()) return NoAnswer(service);
  if (!run.ok()) return run.status();
  auto report = probe::ParseReport(run->output, QuestionsOf(probe));
  if (report.ok()) return *std::move(report);
  note = NotProbed(service, report.status());
  return std::nullopt;
}

absl::Status AccessCheck::Check(const PlannedContainer& planned, const Call& call,
                                Result& result) const {
  const std::string& service = planned.spec->service_name();
  if (IsRoot(planned.user)) result.note = RootNote(service);
  if (planned.spec->mounts().empty() && planned.spec->files().empty()) return absl::OkStatus();
  const auto program = probe::InstallProgram(state_directory_);
  if (!program.ok()) return program.status();
  const auto probe = MakeAccessProbe(*planned.spec, *program, state_directory_, *engine_, call);
  if (!probe.ok()) return probe.status();
  if (probe->empty()) return absl::OkStatus();
  const auto report = Ask(*probe, call, result.note);
  if (!report.ok()) return report.status();
  if (!report->has_value()) return absl::OkStatus();
  AddAccessFindings(*probe, **report, planned.user, result.findings);
  result.note = Note(*probe, **report, planned.user);
  return absl::OkStatus();
}

std::vector<std::string> AccessCheck::Run(const std::vector<PlannedContainer>& containers,
                                          const Call& call, Findings& findings) const {
  // What a worker was killed over; if it cannot be removed now, a prune does it.
  engine_->RemoveLeftReaders(state_directory_, call).IgnoreError();
  std::vector<Result> results(containers.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < containers.size(); i = next++) {
      results[i].findings.Add(Check(containers[i], call, results[i]));
    }
  };
  std::vector<std::thread> others;
  for (size_t i = 1; i < std::min(kAtOnce, containers.size()); ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  std::vector<std::string> notes;
  for (Result& result : results) {
    findings.Add(std::move(result.findings));
    if (!result.note.empty()) notes.push_back(std::move(result.note));
  }
  return notes;
}

}  // namespace davit::steps
