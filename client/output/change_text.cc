#include "client/output/change_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/output/wrap.h"

namespace davit::output {
namespace {

bool Changes(const v1::AppChange& change) {
  return change.kind() != v1::AppChange::REPLACED || change.differences_size() > 0;
}

std::string Heading(const v1::AppChange& change) {
  const std::string old_release = absl::StrCat("v", change.old_release());
  switch (change.kind()) {
    case v1::AppChange::FIRST:
      return absl::StrCat(change.app(), ": a first release, nothing serves now");
    case v1::AppChange::TAKEN_OVER:
      return absl::StrCat(change.app(), ": takes over container ", change.old_container(),
                          ", which Davit did not start");
    default:
      break;
  }
  if (!Changes(change)) {
    return absl::StrCat(change.app(), ": no changes, ", old_release, " is the same");
  }
  return absl::StrCat(change.app(), ": what differs from ", old_release, ", the live release");
}

}  // namespace

std::string DifferenceLine(const v1::Difference& difference) {
  const std::string& what = difference.what();
  if (difference.before().empty()) return absl::StrCat("+ ", what, ": ", difference.after());
  if (difference.after().empty()) return absl::StrCat("- ", what, ": was ", difference.before());
  return absl::StrCat("~ ", what, ": ", difference.before(), " -> ", difference.after());
}

std::string ChangeText(const v1::AppChange& change, int width) {
  std::string text = HangText("", Heading(change), width);
  for (const v1::Difference& difference : change.differences()) {
    absl::StrAppend(&text, HangText("  ", DifferenceLine(difference), width));
  }
  return text;
}

bool HasChanges(const v1::PlanDeploymentResponse& plan) {
  return std::any_of(plan.changes().begin(), plan.changes().end(), Changes);
}

}  // namespace davit::output
