#include "client/output/findings_text.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/output/failure_text.h"
#include "client/output/text.h"
#include "client/output/wrap.h"

namespace davit::output {
namespace {

using FindingList = std::vector<const v1::CheckFinding*>;

// A finding for each thing that was found: one step can find several.
v1::CheckDeploymentResponse OneByOne(const v1::CheckDeploymentResponse& check) {
  v1::CheckDeploymentResponse result;
  *result.mutable_steps() = check.steps();
  for (const v1::CheckFinding& finding : check.findings()) {
    for (v1::Failure& part : PartsOf(finding.failure())) {
      v1::CheckFinding& one = *result.add_findings();
      one = finding;
      *one.mutable_failure() = std::move(part);
    }
  }
  return result;
}

// In the order in which they are shown: what is no matter of a host first, then by
// host as the hosts came, on each of them what would stop a deployment first.
std::vector<FindingList> ByHost(const v1::CheckDeploymentResponse& check) {
  std::vector<FindingList> groups(1);  // the first is nobody's
  for (const v1::CheckFinding& finding : check.findings()) {
    auto group = groups.begin();
    if (!finding.host().empty()) {
      group = std::find_if(groups.begin() + 1, groups.end(), [&](const FindingList& list) {
        return list.front()->host() == finding.host();
      });
      if (group == groups.end()) group = groups.insert(group, FindingList{});
    }
    group->push_back(&finding);
  }
  if (groups.front().empty()) groups.erase(groups.begin());
  for (FindingList& group : groups) {
    std::stable_partition(group.begin(), group.end(),
                          [](const v1::CheckFinding* finding) { return !finding->warning(); });
  }
  return groups;
}

// The sign of the finding, and what is known of it beside and below.
std::string FindingText(const v1::CheckFinding& finding, const Style& style) {
  constexpr int kIndent = 4;
  v1::Failure failure = finding.failure();
  if (!finding.app().empty()) {
    failure.set_message(absl::StrCat(finding.app(), ": ", failure.message()));
  }
  const std::string sign = finding.warning() ? style.Warning() : style.Bad();
  std::string text;
  for (const std::string& line : FailureLines(failure, style.Indented(kIndent))) {
    absl::StrAppend(&text, text.empty() ? absl::StrCat("  ", sign, " ") : std::string(kIndent, ' '),
                    line, "\n");
  }
  return text;
}

// "12 checks on 2 hosts".
std::string LookedAt(const v1::CheckDeploymentResponse& check) {
  std::set<std::string> hosts;
  int64_t steps = 0;
  for (const v1::Step& step : check.steps()) {
    const bool ended = step.state() == v1::STEP_SUCCEEDED || step.state() == v1::STEP_WARNED ||
                       step.state() == v1::STEP_FAILED;
    if (!ended) continue;
    ++steps;
    hosts.insert(step.host());
  }
  return absl::StrCat(Count(steps, "step"), " on ",
                      Count(static_cast<int64_t>(hosts.size()), "host"));
}

std::string LastLine(const v1::CheckDeploymentResponse& check) {
  const int64_t obstacles = CountObstacles(check);
  const int64_t warnings = check.findings_size() - obstacles;
  const std::string beside =
      warnings == 0 ? "" : absl::StrCat(obstacles == 0 ? "" : ", ", Count(warnings, "warning"));
  if (obstacles > 0) {
    return absl::StrCat(Count(obstacles, "finding"), beside, " (", LookedAt(check), ")");
  }
  return absl::StrCat("ok: nothing stands in the way of a deployment (", LookedAt(check),
                      beside.empty() ? "" : absl::StrCat(", ", beside), ")");
}

}  // namespace

std::string FindingsText(const v1::CheckDeploymentResponse& response,
                         const std::string& environment, const Style& style) {
  const v1::CheckDeploymentResponse check = OneByOne(response);
  std::string text;
  for (const FindingList& group : ByHost(check)) {
    const std::string& host = group.front()->host();
    absl::StrAppend(
        &text,
        HangText("", host.empty() ? absl::StrCat("environment ", environment) : host, style.width));
    for (const v1::CheckFinding* finding : group) {
      absl::StrAppend(&text, FindingText(*finding, style));
    }
  }
  return absl::StrCat(text, HangText("", LastLine(check), style.width));
}

int64_t CountObstacles(const v1::CheckDeploymentResponse& check) {
  int64_t obstacles = 0;
  for (const v1::CheckFinding& finding : check.findings()) {
    if (!finding.warning()) obstacles += std::max(1, finding.failure().parts_size());
  }
  return obstacles;
}

}  // namespace davit::output
