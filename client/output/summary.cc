#include "client/output/summary.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/output/backup_summary.h"
#include "client/output/deployment_model.h"
#include "client/output/failure_text.h"
#include "client/output/schema_summary.h"
#include "client/output/text.h"
#include "client/output/undoing.h"
#include "common/spec/image_reference.h"

namespace davit::output {
namespace {

constexpr size_t kLongTag = 20;

absl::string_view Are(const v1::Deployment& deployment) {
  return deployment.releases_size() == 1 ? "is" : "are";
}

absl::string_view Were(const v1::Deployment& deployment) {
  return deployment.releases_size() == 1 ? "was" : "were";
}

std::string After(const v1::Deployment& deployment) {
  if (!deployment.has_end_time() || !deployment.has_create_time()) return "";
  return absl::StrCat(
      " after ", FormatElapsed(ToTime(deployment.end_time()) - ToTime(deployment.create_time())));
}

// What failed before a container was touched.
std::string FailedLine(const v1::Deployment& deployment) {
  const std::string schema = SchemaSummary(deployment);
  return absl::StrCat(ReleaseNames(deployment), " failed", After(deployment),
                      schema.empty() ? "; nothing was changed" : schema);
}

std::string RolledBackLine(const v1::Deployment& deployment) {
  if (OnlyDatabasesWereTouched(deployment)) return FailedLine(deployment);
  const Undoing undoing = UndoingOf(deployment);
  return absl::StrCat(ReleaseNames(deployment), " failed and ", Were(deployment), " ", undoing.text,
                      After(deployment), undoing.besides.empty() ? "" : "; ", undoing.besides,
                      SchemaSummary(deployment));
}

std::string CancelledLine(const v1::Deployment& deployment) {
  const std::string cancelled =
      absl::StrCat(ReleaseNames(deployment), " ", Were(deployment), " cancelled");
  const std::string schema = SchemaSummary(deployment);
  if (OnlyDatabasesWereTouched(deployment)) return absl::StrCat(cancelled, schema);
  if (OnlyPrepared(deployment)) return absl::StrCat(cancelled, "; nothing was changed");
  const std::string did_not_run = DidNotRun(deployment);
  return absl::StrCat(cancelled, " and ", UndoingOf(deployment).text,
                      did_not_run.empty() ? "" : "; ", did_not_run, schema);
}

std::string AttentionLine(const v1::Deployment& deployment) {
  const bool one = deployment.releases_size() <= 1;
  return absl::StrCat(ReleaseNames(deployment), one ? " needs" : " need",
                      " attention: a human must look",
                      NotSafeSummary(deployment, UndoingOf(deployment)));
}

}  // namespace

std::string ReleaseName(const v1::Release& release) {
  const std::string name = absl::StrCat(release.app(), " v", release.number());
  const auto image = spec::ParseImageReference(release.image_reference());
  if (!image.ok() || image->tag.empty()) return name;
  return absl::StrCat(name, image->tag.size() < kLongTag ? " (tag " : " (", image->tag, ")");
}

std::string ReleaseLine(const v1::Release& release) {
  return absl::StrCat(
      release.app(), " v", release.number(), ": ", release.image_reference(),
      release.replaces() == 0 ? "" : absl::StrCat(", replaces v", release.replaces()));
}

std::string ReleaseNames(const v1::Deployment& deployment) {
  if (IsDatabaseWork(deployment)) return WorkName(deployment);
  if (deployment.releases().empty()) return deployment.id();
  return absl::StrJoin(deployment.releases(), ", ", [](std::string* out, const v1::Release& r) {
    absl::StrAppend(out, ReleaseName(r));
  });
}

std::string FailureCodes(const v1::Deployment& deployment) {
  std::vector<std::string> codes;
  if (deployment.has_failure()) codes.push_back(CodeName(deployment.failure().code()));
  if (deployment.has_rollback_failure()) {
    std::string code = CodeName(deployment.rollback_failure().code());
    if (codes.empty() || codes[0] != code) codes.push_back(std::move(code));
  }
  return absl::StrJoin(codes, ", ");
}

bool OnlyPrepared(const v1::Deployment& deployment) {
  return std::none_of(
      deployment.steps().begin(), deployment.steps().end(), [](const v1::Step& step) {
        if (step.phase() == v1::ROLLBACK) {
          return step.kind() != "remove_files" && step.kind() != "remove_resources" &&
                 step.kind() != "drop_loaded";
        }
        return step.attempt() > 0 && (step.phase() == v1::RELEASE || step.phase() == v1::CONFIRM);
      });
}

std::string UndoingText(const v1::Deployment& deployment) {
  return OnlyPrepared(deployment) ? "removing what was prepared" : "rolling back";
}

std::string FinalLine(const v1::Deployment& deployment) {
  if (IsDatabaseWork(deployment)) return WorkFinalLine(deployment, After(deployment));
  const std::string names = ReleaseNames(deployment);
  switch (deployment.state()) {
    case v1::SUCCEEDED:
      return absl::StrCat(names, " ", Are(deployment), " live on ",
                          Count(deployment.hosts_size(), "host"), After(deployment),
                          LeftDownSummary(deployment));
    case v1::ROLLED_BACK:
      return RolledBackLine(deployment);
    case v1::FAILED:
      return FailedLine(deployment);
    case v1::CANCELLED:
      return CancelledLine(deployment);
    case v1::NEEDS_ATTENTION:
      return AttentionLine(deployment);
    default:
      return absl::StrCat(names, ": ", StateWord(deployment.state()));
  }
}

std::string StateWord(v1::DeploymentState state) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(v1::DeploymentState_Name(state)), {{"_", " "}});
}

std::string StateWord(v1::StepState state) {
  if (state == v1::STEP_UNKNOWN_OUTCOME) return "unknown outcome";
  if (state == v1::STEP_STARTED) return "running";
  std::string word = absl::AsciiStrToLower(v1::StepState_Name(state));
  return word.rfind("step_", 0) == 0 ? word.substr(5) : word;
}

std::string PhaseWord(v1::Phase phase) { return absl::AsciiStrToLower(v1::Phase_Name(phase)); }

}  // namespace davit::output
