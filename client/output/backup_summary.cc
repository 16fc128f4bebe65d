#include "client/output/backup_summary.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/summary.h"
#include "client/output/text.h"

namespace davit::output {
namespace {

bool HasStopped(const v1::Deployment& deployment) {
  return std::any_of(
      deployment.steps().begin(), deployment.steps().end(),
      [](const v1::Step& step) { return step.kind() == "stop_container" && step.attempt() > 0; });
}

bool IsBackup(const v1::Deployment& deployment) {
  return deployment.operation() == v1::OPERATION_BACKUP;
}

// "main (12.3 MB), other (1.0 kB)".
std::string MadeText(const v1::Deployment& deployment) {
  std::vector<std::string> made;
  for (const v1::Step& step : deployment.steps()) {
    if (!step.has_backup()) continue;
    made.push_back(
        absl::StrCat(step.backup().database(), " (", FormatBytes(step.backup().size_bytes()), ")"));
  }
  return absl::StrJoin(made, ", ");
}

std::string DoneText(const v1::Deployment& deployment, const std::string& after) {
  if (!IsBackup(deployment)) {
    return absl::StrCat("the backup is in its database's place",
                        HasStopped(deployment) ? ", and the apps run again (checked healthy)" : "",
                        after);
  }
  const std::string made = MadeText(deployment);
  return absl::StrCat("backup made and verified", made.empty() ? "" : absl::StrCat(": ", made),
                      after);
}

// What was stopped is back by then, or nothing was.
std::string AsItWas(const v1::Deployment& deployment) {
  return HasStopped(deployment) ? "the database is as it was, and the apps run again"
                                : "nothing was changed";
}

}  // namespace

bool IsDatabaseWork(const v1::Deployment& deployment) {
  return IsBackup(deployment) || deployment.operation() == v1::OPERATION_RESTORE;
}

std::string WorkName(const v1::Deployment& deployment) {
  if (!IsBackup(deployment)) return "restore";
  std::vector<std::string> names;
  for (const v1::Step& step : deployment.steps()) {
    if (step.has_backup()) names.push_back(step.backup().database());
  }
  return names.empty() ? "backup" : absl::StrCat("backup of ", absl::StrJoin(names, ", "));
}

std::string WorkFinalLine(const v1::Deployment& deployment, const std::string& after) {
  const std::string name = IsBackup(deployment) ? "the backup" : "the restore";
  switch (deployment.state()) {
    case v1::SUCCEEDED:
      return DoneText(deployment, after);
    case v1::ROLLED_BACK:
    case v1::FAILED:
      return absl::StrCat(name, " failed", after, "; ", AsItWas(deployment));
    case v1::CANCELLED:
      return absl::StrCat(name, " was cancelled; ", AsItWas(deployment));
    case v1::NEEDS_ATTENTION:
      return absl::StrCat(name, " needs attention: a human must look");
    default:
      return absl::StrCat(name, ": ", StateWord(deployment.state()));
  }
}

}  // namespace davit::output
