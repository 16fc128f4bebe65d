#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/spec/checks.h"
#include "common/spec/problem_list.h"

namespace davit::spec {
namespace {

// Why the path leads out of the directory that it belongs to; "": it does not.
std::string RelativeFault(absl::string_view path) {
  if (path.empty()) return "must not be empty";
  if (absl::StrContains(path, "://")) return "must be a path; what is elsewhere is not fetched";
  if (absl::StartsWith(path, "/") || absl::StartsWith(path, "~")) return "must be a relative path";
  if (absl::StrContains(path, '\0')) return "must not contain a zero byte";
  for (absl::string_view part : absl::StrSplit(path, '/')) {
    if (part == "..") return "must not contain '..'";
  }
  return "";
}

void CheckRelative(absl::string_view value, absl::string_view name, absl::string_view below,
                   const std::string& parent, const Report& report) {
  const std::string fault = RelativeFault(value);
  if (fault.empty()) return;
  report({PathOf(parent, name), absl::StrCat("`", name, "` ", fault, ": it lies below ", below)});
}

}  // namespace

void CheckBuild(const v1::Build& build, const std::string& path, const Report& report) {
  CheckRelative(build.context(), "context", "davit.yaml's directory", path, report);
  CheckRelative(build.dockerfile(), "dockerfile", "`context`", path, report);
  for (const auto& [name, value] : build.args()) {
    if (!name.empty() && !absl::StrContains(name, '=')) continue;
    report({PathOf(PathOf(path, "args"), name), "a build argument needs a name without '='",
            /*at_key=*/true});
  }
  if (build.test_size() > 0 && build.test(0).empty()) {
    report({PathOf(PathOf(path, "test"), 0), "`test` begins with the program to run"});
  }
}

void CheckChecks(const v1::App& app, const std::string& path, const Report& report) {
  absl::flat_hash_set<absl::string_view> seen;
  for (int i = 0; i < app.checks_size(); ++i) {
    const v1::Check& check = app.checks(i);
    const std::string entry = PathOf(PathOf(path, "checks"), i);
    CheckDuration(check.timeout(), "timeout", Zero::kRefused, entry, report);
    if (check.command_size() > 0 && check.command(0).empty()) {
      report({PathOf(PathOf(entry, "command"), 0), "`command` begins with the program to run"});
    }
    if (check.name().empty() || seen.insert(check.name()).second) continue;
    report({PathOf(entry, "name"), absl::StrCat("two checks are called ", Quoted(check.name()))});
  }
}

}  // namespace davit::spec
