#include "controller/core/testing/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "controller/core/database/work.h"
#include "controller/core/names.h"

namespace davit::core {
namespace {

using Hosts = Simulation::Hosts;
using ::testing::IsEmpty;

constexpr int kRuns = 80;

std::string ServiceOf(const std::string& app) { return absl::StrCat(kTestProject, "-", app); }

// Hosts, apps, batches and what runs there before, all by chance.
class RandomWorld {
 public:
  explicit RandomWorld(uint64_t seed) : random(seed) {
    const int host_count = 1 + Pick(4);
    const std::vector<std::string> apps = {"api", "jobs", "web"};
    deployment.hosts.clear();
    for (int i = 1; i <= host_count; ++i) deployment.hosts.push_back(absl::StrCat("h", i));
    deployment.apps.assign(apps.begin(), apps.begin() + 1 + Pick(3));
    if (deployment.apps.size() > 1 && Pick(2) == 0) deployment.depends_on["api"] = {"jobs"};
    deployment.batch = 1 + Pick(3);
    if (Pick(2) == 0) deployment.networks = {"back"};
    if (Pick(2) == 0) deployment.directories = {"/srv/data"};
    deployment.files = Pick(2) == 0;
    if (Pick(3) == 0) deployment.checks = {"settings", "links:warn"};
    if (Pick(2) == 0) AddDatabases();
    for (const std::string& app : deployment.apps) Populate(app);
    if (deployment.previous.size() == deployment.apps.size() && Pick(4) == 0) GoBack();
  }

  int Pick(int n) { return static_cast<int>(random() % n); }

  std::mt19937_64 random;
  TestDeployment deployment;
  Hosts hosts;

 private:
  void AddDatabases() {
    constexpr std::array kMeanings = {v1::SCHEMA_UNCHANGED, v1::SCHEMA_SAFE, v1::SCHEMA_SAFE,
                                      v1::SCHEMA_UNSAFE};
    const std::string& first = deployment.apps.front();
    deployment.databases["main"] = deployment.apps;
    deployment.databases["other"] = {};
    for (const char* database : {"main", "other"}) {
      deployment.migrations[database] = {.app = first, .command = Pick(2) == 0};
    }
    deployment.tasks[first] = {"seed", "static:each", "links:warn"};
    const auto meaning = kMeanings[Pick(kMeanings.size())];
    for (const std::string& host : deployment.hosts) hosts[host].migrates_to = meaning;
  }

  static void AddFiles(const std::string& app, int release, ModelContainer& container,
                       ModelHost& host) {
    container.files_directory =
        absl::StrCat(FilesOf(kTestProject, kTestEnvironment, app), "/", release);
    host.files.insert(container.files_directory);
  }

  // A rollback by hand instead of new releases.
  void GoBack() {
    for (const std::string& app : deployment.apps) deployment.back_to[app] = 2;
    deployment.files = false;
    if (deployment.databases.empty()) return;
    deployment.changed = {"main"};
    deployment.schema = Pick(2) == 0 ? "keep" : "restore";
  }

  void Populate(const std::string& app) {
    const bool ours = Pick(3) > 0;
    if (ours) deployment.previous[app] = 4;
    for (const std::string& host : deployment.hosts) {
      ModelHost& model = hosts[host];
      if (Pick(4) == 0) continue;
      ModelContainer container = OursOf(app, 4);
      if (!ours) container.labels.clear();
      if (ours && Pick(2) == 0) AddFiles(app, 4, container, model);
      if (Pick(5) == 0) container.restart_policy = "always";
      container.running = Pick(5) > 0;
      model.containers[ServiceOf(app)] = container;
      if (Pick(5) > 0) continue;
      ModelContainer leftover = OursOf(app, 3);
      leftover.id = absl::StrCat("left-", app);
      leftover.running = !container.running;
      if (Pick(2) == 0) AddFiles(app, 3, leftover, model);
      model.containers[absl::StrCat("davit-d-0-", app)] = leftover;
    }
  }
};

// The new container serves, alone of its app, with its restart policy.
std::string FindMissing(const TestDeployment& deployment, const Hosts& hosts) {
  for (const auto& [name, host] : hosts) {
    if (!host.loaded.empty()) return absl::StrCat(name, " has a backup that was only loaded");
    for (const std::string& app : deployment.apps) {
      const auto found = host.containers.find(ServiceOf(app));
      if (found == host.containers.end()) return absl::StrCat(app, " is missing on ", name);
      const ModelContainer& container = found->second;
      const auto label = container.labels.find(kDeploymentLabel);
      if (!container.running || container.restart_policy != "unless-stopped" ||
          label == container.labels.end() || label->second != deployment.id) {
        return absl::StrCat("on ", name, ":\n", host.Describe());
      }
      const std::string& files = container.files_directory;
      if (files.empty() == deployment.files || (deployment.files && !host.files.contains(files))) {
        return absl::StrCat("the files of ", app, " are missing on ", name);
      }
    }
  }
  return "";
}

std::string Difference(const Hosts& before, const Hosts& after) {
  for (const auto& [name, host] : before) {
    if (host.SameAs(after.at(name))) continue;
    return absl::StrCat(name, " before:\n", host.Describe(), "after:\n", after.at(name).Describe());
  }
  return "";
}

std::string RunTwice(const Hosts& hosts) {
  for (const auto& [name, host] : hosts) {
    for (const auto& [one_off, times] : host.one_offs) {
      if (times > 1) return absl::StrCat(one_off, " has run twice on ", name);
    }
  }
  return "";
}

// Whether something of an app that uses or migrates the database was there.
bool WasUsed(const std::string& database, const TestDeployment& deployment, const Hosts& before) {
  std::vector<std::string> apps = deployment.databases.at(database);
  apps.push_back(deployment.migrations.at(database).app);
  return std::any_of(apps.begin(), apps.end(), [&](const std::string& app) {
    return deployment.previous.contains(app) ||
           std::any_of(before.begin(), before.end(), [&](const auto& host) {
             return host.second.containers.contains(ServiceOf(app));
           });
  });
}

// Whether nothing is left in databases that what was there before cannot run on.
bool OldCodeRuns(const TestDeployment& deployment, const Hosts& before, const Hosts& after) {
  return std::all_of(after.begin(), after.end(), [&](const auto& host) {
    const auto& migrations = host.second.migrations;
    return host.second.migrates_to == v1::SCHEMA_SAFE ||
           std::none_of(migrations.begin(), migrations.end(), [&](const auto& migration) {
             return WasUsed(migration.first, deployment, before);
           });
  });
}

bool IsMigrated(const Hosts& hosts) {
  return std::any_of(hosts.begin(), hosts.end(),
                     [](const auto& host) { return !host.second.migrations.empty(); });
}

// Ends where it should, with the hosts as that end promises.
void Judge(const Simulation& simulation, const TestDeployment& deployment, const Hosts& before,
           const Hosts& after) {
  EXPECT_EQ(RunTwice(after), "");
  switch (simulation.state().record.view().state()) {
    case v1::SUCCEEDED:
      EXPECT_EQ(FindMissing(deployment, after), "");
      break;
    case v1::FAILED:
      EXPECT_FALSE(IsMigrated(after));
      [[fallthrough]];
    case v1::CANCELLED:
    case v1::ROLLED_BACK:
      EXPECT_EQ(Difference(before, after), "");
      EXPECT_TRUE(OldCodeRuns(deployment, before, after));
      break;
    case v1::NEEDS_ATTENTION:
      EXPECT_TRUE(!simulation.blameless() || !OldCodeRuns(deployment, before, after) ||
                  RestoringStep(simulation.state()) != nullptr)
          << simulation.state().record.view().rollback_failure().ShortDebugString();
      break;
    default:
      ADD_FAILURE() << "has not ended";
  }
}

std::map<v1::DeploymentState, int> RunAll(const Weather& weather, bool again_in_calm) {
  std::map<v1::DeploymentState, int> ends;
  for (uint64_t seed = 1; seed <= kRuns && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    RandomWorld world(seed);
    const Hosts before = world.hosts;
    Simulation simulation(world.deployment, weather, world.hosts, world.random, seed % 20 == 0);
    EXPECT_THAT(simulation.Run(), IsEmpty());
    Judge(simulation, world.deployment, before, world.hosts);
    ++ends[simulation.state().record.view().state()];
    if (!again_in_calm) continue;

    TestDeployment next = world.deployment;
    next.id = "d-2";
    for (const std::string& app : next.apps) next.previous[app] = 5;
    Simulation calm(next, Weather{}, world.hosts, world.random, false);
    EXPECT_THAT(calm.Run(), IsEmpty());
    EXPECT_EQ(calm.state().record.view().state(), v1::SUCCEEDED)
        << calm.state().record.view().failure().ShortDebugString();
    EXPECT_EQ(FindMissing(next, world.hosts), "");
  }
  return ends;
}

TEST(Simulation, SucceedsEverywhereInCalmWeather) {
  const auto ends = RunAll({.restart = 20, .repeat = 50}, true);
  EXPECT_EQ(ends.at(v1::SUCCEEDED), kRuns);
}

TEST(Simulation, PutsEverythingBackWhenStepsFail) {
  const auto ends = RunAll({.fail = 40, .timer = 20, .restart = 20, .repeat = 50}, true);
  EXPECT_GT(ends.at(v1::ROLLED_BACK), kRuns / 8);
  EXPECT_GT(ends.at(v1::FAILED), kRuns / 6);
  EXPECT_GT(ends.at(v1::SUCCEEDED), kRuns / 12);
}

TEST(Simulation, PutsEverythingBackWhenAUserCancels) {
  const auto ends = RunAll({.fail = 5, .cancel = 30, .restart = 20, .repeat = 50}, true);
  EXPECT_GT(ends.at(v1::CANCELLED), kRuns / 3);
}

TEST(Simulation, EndsInEveryStorm) {
  const auto ends = RunAll(kStorm, true);
  EXPECT_GT(ends.at(v1::NEEDS_ATTENTION), kRuns / 8);
  EXPECT_GT(ends.at(v1::ROLLED_BACK), kRuns / 60);
}

}  // namespace
}  // namespace davit::core
