#include "client/output/backup_summary.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/output/summary.h"
#include "client/output/text.h"

namespace davit::output {
namespace {

bool HasTried(const v1::Deployment& deployment, absl::string_view kind) {
  return std::any_of(
      deployment.steps().begin(), deployment.steps().end(),
      [&](const v1::Step& step) { return step.kind() == kind && step.attempt() > 0; });
}

bool HasStopped(const v1::Deployment& deployment) { return HasTried(deployment, "stop_container"); }

// Of one that needs a human: whether that is for what was loaded alone.
std::string NothingTouched(const v1::Deployment& deployment) {
  const bool only_loaded = HasTried(deployment, "load_backup") && !HasStopped(deployment) &&
                           !HasTried(deployment, "restore_database");
  return only_loaded ? "; no app was stopped, and the database is as it was" : "";
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

// What a step of a container is about: "web v3" of "stop web v3". Empty: it is another step.
std::string SubjectOf(const v1::Step& step) {
  absl::string_view title = step.title();
  for (const absl::string_view verb : {"check health of ", "see whether ", "stop "}) {
    if (!absl::ConsumePrefix(&title, verb)) continue;
    if (verb == "see whether ") absl::ConsumeSuffix(&title, " runs");
    return std::string(title);
  }
  return "";
}

bool IsCheck(const v1::Step& step) {
  return step.kind() == "check_health" && step.phase() != v1::ROLLBACK;
}

bool IsStopPlannedFor(const v1::Deployment& deployment, const v1::Step& check) {
  return std::any_of(deployment.steps().begin(), deployment.steps().end(),
                     [&](const v1::Step& step) {
                       return step.kind() == "stop_container" && step.host() == check.host() &&
                              SubjectOf(step) == SubjectOf(check);
                     });
}

// "web v3 on h1", of each check that `is_wanted`.
template <typename Wanted>
std::vector<std::string> Checked(const v1::Deployment& deployment, const Wanted& is_wanted) {
  std::vector<std::string> names;
  for (const v1::Step& step : deployment.steps()) {
    if (!IsCheck(step) || !is_wanted(step)) continue;
    names.push_back(absl::StrCat(SubjectOf(step), " on ", step.host()));
  }
  return names;
}

std::string Sentence(const std::vector<std::string>& names, absl::string_view one,
                     absl::string_view several) {
  return absl::StrCat(absl::StrJoin(names, ", "), names.size() == 1 ? one : several);
}

std::string RestoredText(const v1::Deployment& deployment, const std::string& after) {
  const std::string done = "the backup is in its database's place";
  const std::string down = LeftDownSummary(deployment);
  const std::vector<std::string> healthy =
      Checked(deployment, [](const v1::Step& step) { return step.state() == v1::STEP_SUCCEEDED; });
  if (healthy.empty()) return absl::StrCat(done, after, down);
  const std::string runs = down.empty() ? ", and the apps run again (checked healthy)"
                                        : absl::StrCat(", and ", Sentence(healthy, " runs", " run"),
                                                       " again (checked healthy)");
  return absl::StrCat(done, runs, after, down);
}

std::string DoneText(const v1::Deployment& deployment, const std::string& after) {
  if (!IsBackup(deployment)) return RestoredText(deployment, after);
  const std::string made = MadeText(deployment);
  return absl::StrCat("backup made and verified", made.empty() ? "" : absl::StrCat(": ", made),
                      after);
}

// What was stopped is back by then, or nothing was. What did not run before was to be started
// only once the backup was in place.
std::string AsItWas(const v1::Deployment& deployment) {
  const std::vector<std::string> down = Checked(deployment, [&](const v1::Step& step) {
    return step.state() != v1::STEP_SUCCEEDED && !IsStopPlannedFor(deployment, step);
  });
  const std::string besides = down.empty()
                                  ? ""
                                  : absl::StrCat("; ", Sentence(down, " was down before, and is",
                                                                " were down before, and are"));
  return absl::StrCat(HasStopped(deployment)
                          ? "the database is as it was, and the apps that were stopped run again"
                          : "nothing was changed",
                      besides);
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

std::string LeftDownSummary(const v1::Deployment& deployment) {
  const std::vector<std::string> down =
      Checked(deployment, [](const v1::Step& step) { return step.state() == v1::STEP_WARNED; });
  if (down.empty()) return "";
  return absl::StrCat("; ", Sentence(down, " does not run: it was down before, and was left so",
                                     " do not run: they were down before, and were left so"));
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
      return absl::StrCat(name, " needs attention: a human must look", NothingTouched(deployment));
    default:
      return absl::StrCat(name, ": ", StateWord(deployment.state()));
  }
}

}  // namespace davit::output
