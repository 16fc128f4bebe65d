#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/database/work.h"
#include "controller/core/machine/new_deployment.h"

namespace davit::core {
namespace {

// What each app still waits for.
using Waiting = std::map<std::string, std::set<std::string>>;

absl::StatusOr<Waiting> ReadDependencies(const v1::EnvironmentSpec& spec) {
  Waiting waiting;
  for (const auto& [name, app] : spec.apps()) {
    std::set<std::string>& needs = waiting[name];
    for (const std::string& needed : app.depends_on()) {
      if (!spec.apps().contains(needed)) {
        return FailureStatus(v1::SPEC_INVALID,
                             absl::StrCat("apps.", name, ".depends_on names ", needed,
                                          ", which is no app of this environment"));
      }
      needs.insert(needed);
    }
  }
  return waiting;
}

// Every app left waits for one that is left, so following them closes a circle.
absl::Status Cycle(const Waiting& left) {
  std::vector<std::string> path = {left.begin()->first};
  while (true) {
    const std::string next = *left.at(path.back()).begin();
    const auto start = std::find(path.begin(), path.end(), next);
    if (start == path.end()) {
      path.push_back(next);
      continue;
    }
    std::vector<std::string> circle(start, path.end());
    circle.push_back(next);
    return FailureStatus(v1::SPEC_INVALID, absl::StrCat("depends_on goes round in a circle: ",
                                                        absl::StrJoin(circle, " -> ")));
  }
}

// All apps, each after what it depends on; the smallest name first among those
// that are free to go.
absl::StatusOr<std::vector<std::string>> SortApps(Waiting waiting) {
  std::map<std::string, std::vector<std::string>> wanted_by;
  std::set<std::string> ready;
  for (const auto& [app, needs] : waiting) {
    if (needs.empty()) ready.insert(app);
    for (const std::string& needed : needs) wanted_by[needed].push_back(app);
  }
  std::vector<std::string> order;
  while (!ready.empty()) {
    const std::string app = *ready.begin();
    ready.erase(ready.begin());
    waiting.erase(app);
    order.push_back(app);
    for (const std::string& waiter : wanted_by[app]) {
      waiting[waiter].erase(app);
      if (waiting[waiter].empty()) ready.insert(waiter);
    }
  }
  if (!waiting.empty()) return Cycle(waiting);
  return order;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReleaseOrder(const v1::DeploymentRequest& request) {
  if (IsDatabaseWork(request)) return std::vector<std::string>();
  std::set<std::string> chosen(request.apps().begin(), request.apps().end());
  for (const std::string& app : chosen) {
    if (!request.spec().apps().contains(app)) {
      return FailureStatus(v1::SPEC_INVALID, absl::StrCat("there is no app ", app, " in ",
                                                          request.spec().environment()));
    }
  }
  absl::StatusOr<Waiting> waiting = ReadDependencies(request.spec());
  if (!waiting.ok()) return waiting.status();
  absl::StatusOr<std::vector<std::string>> all = SortApps(*std::move(waiting));
  if (!all.ok() || chosen.empty()) return all;
  // Sorted as a whole: an app that is left out may link two that are not.
  std::vector<std::string> order;
  for (std::string& app : *all) {
    if (chosen.contains(app)) order.push_back(std::move(app));
  }
  return order;
}

}  // namespace davit::core
