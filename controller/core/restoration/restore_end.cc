#include "controller/core/restoration/restore_end.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/failure/failure.h"
#include "controller/core/database/work.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;

// A server cuts names at this many bytes.
constexpr size_t kLongestName = 63;

struct Swap {
  std::string database;
  std::string file;
  std::string before;  // name that the one of before has now; empty: not known
  v1::StepState state;
};

std::vector<Swap> SwapsOf(const DeploymentState& state) {
  std::vector<Swap> swaps;
  for (const StepRecord& step : state.steps) {
    if (!step.spec().has_restore_database()) continue;
    swaps.push_back({.database = step.spec().restore_database().database().name(),
                     .file = step.spec().restore_database().file(),
                     .before = step.outputs().restored().old_name(),
                     .state = step.view().state()});
  }
  return swaps;
}

std::vector<std::string> NamesOf(const std::vector<Swap>& swaps, v1::StepState state,
                                 std::string Swap::*name) {
  std::vector<std::string> names;
  for (const Swap& swap : swaps) {
    if (swap.state == state) names.push_back(swap.*name);
  }
  return names;
}

std::string InPlace(const std::vector<Swap>& swaps) {
  const std::vector<std::string> files = NamesOf(swaps, v1::STEP_SUCCEEDED, &Swap::file);
  const std::vector<std::string> names = NamesOf(swaps, v1::STEP_SUCCEEDED, &Swap::database);
  const bool one = names.size() == 1;
  return absl::StrCat("the backup", one ? " " : "s ", absl::StrJoin(files, ", "),
                      one ? " is" : " are", " in the place of database", one ? " " : "s ",
                      absl::StrJoin(names, ", "), ", and that is not undone");
}

std::string InDoubt(const std::vector<Swap>& swaps) {
  const std::vector<std::string> names = NamesOf(swaps, v1::STEP_UNKNOWN_OUTCOME, &Swap::database);
  return absl::StrCat("nobody knows whether the backup is in the place of database ",
                      absl::StrJoin(names, ", "));
}

// Statements that put the database `before`, as a restore has renamed it, back in its place;
// what was restored is then called NAME_restored. Empty where its name cannot be told from it.
// To be run on another database of its server.
std::string PutBackSql(const std::string& before) {
  const size_t end = before.rfind("_before_");
  // Of one that was cut, the rest is not known.
  if (end == std::string::npos || end == 0 || before.size() >= kLongestName) return "";
  const std::string name = before.substr(0, end);
  const auto quoted = [](const std::string& text) {
    return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
  };
  const std::string literal = absl::StrReplaceAll(name, {{"'", "''"}});
  return absl::StrCat("ALTER DATABASE ", quoted(name), " ALLOW_CONNECTIONS false; ",
                      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '",
                      literal, "'; ALTER DATABASE ", quoted(name), " RENAME TO ",
                      quoted(absl::StrCat(name, "_restored")), "; ALTER DATABASE ", quoted(before),
                      " RENAME TO ", quoted(name), ";");
}

void TellOf(const Swap& swap, v1::Failure& failure) {
  if (swap.state == v1::STEP_UNKNOWN_OUTCOME) {
    failure.add_evidence(
        absl::StrCat(swap.database,
                     ": when its server has a database NAME_before_TIME of that time, the backup ",
                     swap.file, " is in place; when it has none, nothing was replaced"));
    return;
  }
  if (swap.state != v1::STEP_SUCCEEDED) {
    failure.add_evidence(absl::StrCat(swap.database, ": the database is as it was"));
    return;
  }
  if (swap.before.empty()) return;
  failure.add_evidence(absl::StrCat(swap.database, ": the database of before is called ",
                                    swap.before, " now, on the same server"));
  const std::string sql = PutBackSql(swap.before);
  if (sql.empty()) return;
  failure.add_evidence(absl::StrCat(swap.database,
                                    ": to have it back, stop the apps and run there, ",
                                    "on the database postgres: ", sql));
}

bool HasToBeStarted(const RestoredApp& app) {
  if (app.left) return false;
  return app.is == RestoredApp::kDown || app.is == RestoredApp::kUnknown;
}

// Starts the containers of one host as they are, which touches nothing else: a deployment would
// migrate, and another restore lose what was written since.
std::string DockerCommand(const std::vector<RestoredApp>& down) {
  std::map<std::string, std::string> by_policy;
  std::string names;
  for (const RestoredApp& app : down) {
    absl::StrAppend(&names, " ", app.name);
    if (!app.policy.empty() && app.policy != "no")
      absl::StrAppend(&by_policy[app.policy], " ", app.name);
  }
  std::string command;
  for (const auto& [policy, which] : by_policy) {
    absl::StrAppend(&command, "docker update --restart ", policy, which, " && ");
  }
  return absl::StrCat("`", command, "docker start", names, "`");
}

// Who has none can be brought there by a deployment alone.
std::string DeployCommand(const DeploymentState& state, const std::set<std::string>& apps) {
  return absl::StrCat("`davit deploy ", absl::StrJoin(apps, " "), " -e ",
                      state.record.view().environment(), "` with the image that is live");
}

// What starts all that is down; empty: nothing is.
std::string StartingWay(const DeploymentState& state, const std::vector<RestoredApp>& apps) {
  std::map<std::string, std::vector<RestoredApp>> down;  // by host
  std::set<std::string> gone;
  // They were stopped in reverse.
  for (auto app = apps.rbegin(); app != apps.rend(); ++app) {
    if (!HasToBeStarted(*app)) continue;
    if (app->gone) {
      gone.insert(app->app);
    } else {
      down[app->host].push_back(*app);
    }
  }
  std::map<std::string, std::vector<std::string>> hosts;  // by command
  for (const auto& [host, which] : down) hosts[DockerCommand(which)].push_back(host);
  std::vector<std::string> ways;
  for (const auto& [command, where] : hosts) {
    ways.push_back(absl::StrCat("on ", absl::StrJoin(where, ", "), ": ", command));
  }
  if (!gone.empty()) ways.push_back(DeployCommand(state, gone));
  if (ways.empty()) return "";
  return absl::StrCat("start what is down, ", absl::StrJoin(ways, "; "));
}

}  // namespace

std::optional<v1::Failure> RestoreStays(const DeploymentState& state) {
  const std::vector<Swap> swaps = SwapsOf(state);
  const bool done = !NamesOf(swaps, v1::STEP_SUCCEEDED, &Swap::file).empty();
  const bool in_doubt = !NamesOf(swaps, v1::STEP_UNKNOWN_OUTCOME, &Swap::file).empty();
  if (!done && !in_doubt) return std::nullopt;
  v1::Failure failure = MakeFailure(
      v1::ROLLBACK_FAILED, done && in_doubt ? absl::StrCat(InPlace(swaps), "; ", InDoubt(swaps))
                           : done           ? InPlace(swaps)
                                            : InDoubt(swaps));
  const std::vector<RestoredApp> apps = RestoredApps(state);
  for (const std::string& sentence : AppsNow(apps)) failure.add_evidence(sentence);
  for (const Swap& swap : swaps) TellOf(swap, failure);
  failure.set_likely_cause(done ? "the apps may need another state of the database than the "
                                  "backup has"
                                : "the worker was lost while it put the backup in place");
  const std::string start = StartingWay(state, apps);
  failure.set_next_command(
      absl::StrCat(start, start.empty() ? "" : "; then ", "look at `davit status -e ",
                   state.record.view().environment(),
                   "`; then deploy apps that fit the backup, or restore another one"));
  return failure;
}

void AddAppsNow(const DeploymentState& state, v1::Failure& failure) {
  if (!PutsBackupsInPlace(state.record.request())) return;
  const std::vector<RestoredApp> apps = RestoredApps(state);
  for (const std::string& sentence : AppsNow(apps)) failure.add_evidence(sentence);
  const std::string start = StartingWay(state, apps);
  if (start.empty()) return;
  failure.set_next_command(absl::StrCat(start, "; or restore again, which starts it too"));
}

}  // namespace davit::core
