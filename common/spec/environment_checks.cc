#include <algorithm>
#include <set>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/spec/checks.h"
#include "common/spec/loader.h"
#include "common/spec/name.h"
#include "common/spec/problem_list.h"
#include "common/spec/rules.h"

namespace davit::spec {
namespace {

const google::protobuf::FieldDescriptor& ProjectField(const char* name) {
  return *v1::Project::descriptor()->FindFieldByName(name);
}

// The spec's own fields have their rules where the file has them.
void CheckOwnFields(const v1::EnvironmentSpec& spec, const Report& report) {
  if (spec.project().empty()) {
    report({"project", "`project` must not be empty"});
  } else {
    CheckText(ProjectField("project"), spec.project(), "project", report);
  }
  CheckKey(ProjectField("environments"), spec.environment(), "environment", report);
  for (const std::string& app : AppNames(spec)) {
    CheckKey(ProjectField("apps"), app, PathOf("apps", app), report);
  }
}

void CheckHosts(const v1::EnvironmentSpec& spec, const Report& report) {
  if (spec.hosts().empty()) report({"hosts", "`hosts` must not be empty", /*at_key=*/true});
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < spec.hosts_size(); ++i) {
    const std::string& host = spec.hosts(i);
    if (!IsHostName(host)) {
      report({PathOf("hosts", i),
              absl::StrCat("the host ", Quoted(host), " must be ", kHostNameSays)});
    } else if (!seen.insert(host).second) {
      report({PathOf("hosts", i), absl::StrCat("the host ", Quoted(host), " is listed twice")});
    }
  }
}

}  // namespace

std::vector<std::string> AppNames(const v1::EnvironmentSpec& spec) {
  std::vector<std::string> names;
  names.reserve(spec.apps_size());
  for (const auto& [name, app] : spec.apps()) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

void CheckEnvironment(const v1::EnvironmentSpec& spec, const Report& report) {
  CheckOwnFields(spec, report);
  CheckHosts(spec, report);
  CheckRegistries(spec, report);
  CheckDatabases(spec, report);
  if (spec.apps().empty()) report({"apps", "no app lives in this environment", /*at_key=*/true});
  for (const std::string& name : AppNames(spec)) {
    const v1::App& app = spec.apps().at(name);
    CheckRules(app, PathOf("apps", name), report);
    CheckApp(app, PathOf("apps", name), report);
    CheckVariables(spec, name, PathOf("apps", name), report);
    CheckPush(spec, app, PathOf("apps", name), report);
  }
  CheckDependencies(spec, report);
  CheckSharing(spec, report);
}

std::vector<std::string> ValidateEnvironment(const v1::EnvironmentSpec& spec) {
  std::set<std::pair<std::string, std::string>> findings;
  CheckEnvironment(
      spec, [&](const Finding& finding) { findings.emplace(finding.path, finding.message); });
  std::vector<std::string> problems;
  for (const auto& [path, message] : findings) {
    problems.push_back(absl::StrCat(path, ": ", message));
  }
  return problems;
}

}  // namespace davit::spec
