#include <algorithm>
#include <deque>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/checks.h"
#include "common/spec/problem_list.h"
#include "common/spec/suggest.h"

namespace davit::spec {
namespace {

constexpr size_t kMembersShown = 8;

// Finds circles by taking away, again and again, the apps that wait for
// nobody: what stays leads to a circle. Without recursion, however long the chain.
class Circles {
 public:
  Circles(const v1::EnvironmentSpec& spec, const Report& report) : spec_(spec), report_(report) {
    for (const std::string& app : AppNames(spec)) {
      for (const std::string& other : spec.apps().at(app).depends_on()) {
        if (other == app || !spec.apps().contains(other)) continue;
        waiting_[app].insert(other);
        wanted_by_[other].push_back(app);
      }
    }
  }

  void Check() {
    const std::vector<std::string> apps = AppNames(spec_);
    for (const std::string& app : apps) {
      if (waiting_[app].empty()) free_.push_back(app);
    }
    TakeFree();
    for (const std::string& app : apps) {
      while (!gone_.contains(app)) {
        Take(ReportCircle(app));
        TakeFree();
      }
    }
  }

 private:
  void TakeFree() {
    while (!free_.empty()) {
      const std::string app = free_.front();
      free_.pop_front();
      Take({app});
    }
  }

  void Take(const std::vector<std::string>& apps) {
    for (const std::string& app : apps) {
      if (!gone_.insert(app).second) continue;
      for (const std::string& other : wanted_by_[app]) {
        waiting_[other].erase(app);
        if (waiting_[other].empty() && !gone_.contains(other)) free_.push_back(other);
      }
    }
  }

  // The circle that is met when one walks on from the app.
  std::vector<std::string> ReportCircle(const std::string& start) {
    absl::flat_hash_map<std::string, size_t> positions;
    std::vector<std::string> walk;
    std::string app = start;
    while (positions.emplace(app, walk.size()).second) {
      walk.push_back(app);
      app = NextOf(app);
    }
    std::vector<std::string> circle(walk.begin() + static_cast<int64_t>(positions[app]),
                                    walk.end());
    std::rotate(circle.begin(), std::min_element(circle.begin(), circle.end()), circle.end());
    const std::string& next = circle.size() > 1 ? circle[1] : circle[0];
    report_({PathOf(PathOf(PathOf("apps", circle[0]), "depends_on"), IndexOf(circle[0], next)),
             absl::StrCat("`depends_on` goes round in a circle: ", CircleInWords(circle))});
    return circle;
  }

  // The first that the file names, for the same message each time.
  const std::string& NextOf(const std::string& app) {
    for (const std::string& other : spec_.apps().at(app).depends_on()) {
      if (waiting_[app].contains(other)) return other;
    }
    return app;
  }

  int IndexOf(const std::string& app, const std::string& other) const {
    const auto& list = spec_.apps().at(app).depends_on();
    return static_cast<int>(std::find(list.begin(), list.end(), other) - list.begin());
  }

  const v1::EnvironmentSpec& spec_;
  const Report& report_;
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> waiting_;
  absl::flat_hash_map<std::string, std::vector<std::string>> wanted_by_;
  absl::flat_hash_set<std::string> gone_;
  std::deque<std::string> free_;
};

void CheckNames(const v1::EnvironmentSpec& spec, const Report& report) {
  const std::vector<std::string> apps = AppNames(spec);
  for (const std::string& app : apps) {
    const std::string path = PathOf(PathOf("apps", app), "depends_on");
    absl::flat_hash_set<std::string> seen;
    const auto& list = spec.apps().at(app).depends_on();
    for (int i = 0; i < list.size(); ++i) {
      if (list[i] == app) {
        report({PathOf(path, i), absl::StrCat(Quoted(app), " depends on itself")});
      } else if (!spec.apps().contains(list[i])) {
        report({PathOf(path, i), absl::StrCat("no app ", Quoted(list[i]), " in this environment",
                                              DidYouMean(list[i], apps))});
      } else if (!seen.insert(list[i]).second) {
        report({PathOf(path, i), absl::StrCat(Quoted(list[i]), " is listed twice")});
      }
    }
  }
}

}  // namespace

std::string CircleInWords(const std::vector<std::string>& members) {
  std::vector<std::string> shown;
  for (const std::string& member : members) {
    if (shown.size() == kMembersShown) {
      shown.push_back("…");
      break;
    }
    shown.push_back(Quoted(member));
  }
  shown.push_back(Quoted(members.front()));
  return absl::StrJoin(shown, " → ");
}

void CheckDependencies(const v1::EnvironmentSpec& spec, const Report& report) {
  CheckNames(spec, report);
  Circles(spec, report).Check();
}

}  // namespace davit::spec
