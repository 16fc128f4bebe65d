#include "client/output/summary.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/output/deployment_model.h"
#include "client/output/text.h"

namespace davit::output {
namespace {

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

// What serves again: "v2", "api v3, web v2", or empty when nothing was there.
std::string Replaced(const v1::Deployment& deployment) {
  std::vector<std::string> names;
  for (const v1::Release& release : deployment.releases()) {
    if (release.replaces() == 0) continue;
    const std::string number = absl::StrCat("v", release.replaces());
    names.push_back(deployment.releases_size() == 1 ? number
                                                    : absl::StrCat(release.app(), " ", number));
  }
  return absl::StrJoin(names, ", ");
}

// "was rolled back to v2 (checked healthy)".
std::string UndoneTo(const v1::Deployment& deployment) {
  const std::string old = Replaced(deployment);
  if (old.empty()) {
    return absl::StrCat(Were(deployment), " removed again; nothing was live before");
  }
  return absl::StrCat(Were(deployment), " rolled back to ", old, " (checked healthy)");
}

bool RanARollback(const v1::Deployment& deployment) {
  for (const v1::Step& step : deployment.steps()) {
    if (step.phase() == v1::ROLLBACK) return true;
  }
  return false;
}

}  // namespace

std::string ReleaseNames(const v1::Deployment& deployment) {
  if (deployment.releases().empty()) return deployment.id();
  return absl::StrJoin(deployment.releases(), ", ", [](std::string* out, const v1::Release& r) {
    absl::StrAppend(out, r.app(), " v", r.number());
  });
}

std::string FinalLine(const v1::Deployment& deployment) {
  const std::string names = ReleaseNames(deployment);
  switch (deployment.state()) {
    case v1::SUCCEEDED:
      return absl::StrCat(names, " ", Are(deployment), " live on ",
                          Count(deployment.hosts_size(), "host"), After(deployment));
    case v1::ROLLED_BACK:
      return absl::StrCat(names, " failed and ", UndoneTo(deployment), After(deployment));
    case v1::FAILED:
      return absl::StrCat(names, " failed", After(deployment), "; nothing was changed");
    case v1::CANCELLED:
      return absl::StrCat(names, " ", Were(deployment), " cancelled",
                          RanARollback(deployment) ? absl::StrCat(" and ", UndoneTo(deployment))
                                                   : "; nothing was changed");
    case v1::NEEDS_ATTENTION:
      return absl::StrCat(names, " needs attention: a human must look, see: davit show ",
                          deployment.id());
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
