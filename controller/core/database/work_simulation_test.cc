// Restores in every weather: whatever happens, what ran before runs again, and after one that
// succeeds also what is live and was left down; or it is said that a human must look.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/core/database/work.h"
#include "controller/core/names.h"
#include "controller/core/testing/simulation.h"

namespace davit::core {
namespace {

using ::testing::IsEmpty;

constexpr int kRestores = 60;

// Hosts, apps that use a database or not, and what runs there before, all by chance.
class WorldWithDatabase {
 public:
  explicit WorldWithDatabase(uint64_t seed) : random(seed) {
    deployment.hosts.clear();
    for (int i = 0; i <= Pick(3); ++i) deployment.hosts.push_back(absl::StrCat("h", i + 1));
    deployment.apps = {"api", "jobs", "web"};
    deployment.depends_on["api"] = {"web"};
    deployment.restore = "main:main-1.dump";
    deployment.databases["main"] = {"web"};
    if (Pick(2) == 0) deployment.databases["main"].push_back("api");
    for (const std::string& app : deployment.apps) Populate(app);
  }

  std::mt19937_64 random;
  TestDeployment deployment;
  Simulation::Hosts hosts;

 private:
  int Pick(int n) { return static_cast<int>(random() % n); }

  void Populate(const std::string& app) {
    if (Pick(4) > 0) deployment.previous[app] = 4;
    for (const std::string& host : deployment.hosts) {
      ModelHost& model = hosts[host];
      if (Pick(4) == 0) continue;
      ModelContainer container = OursOf(app, Pick(4) == 0 ? 3 : 4);
      if (Pick(5) == 0) container.labels.clear();
      if (Pick(4) == 0) container.restart_policy = Pick(2) == 0 ? "always" : "no";
      container.running = Pick(4) > 0;
      model.containers[absl::StrCat(kTestProject, "-", app)] = container;
    }
  }
};

bool IsLive(const ModelContainer& container) {
  const auto release = container.labels.find(kReleaseLabel);
  return release != container.labels.end() && release->second == "4";
}

// What has to be after a restore that succeeds: what Davit has stopped, or somebody removed
// everywhere, runs again.
Simulation::Hosts Expected(const TestDeployment& deployment, Simulation::Hosts hosts) {
  for (const std::string& app : deployment.databases.at("main")) {
    if (!deployment.previous.contains(app)) continue;
    const std::string name = absl::StrCat(kTestProject, "-", app);
    const bool somewhere = std::any_of(hosts.begin(), hosts.end(), [&](const auto& host) {
      const auto found = host.second.containers.find(name);
      return found != host.second.containers.end() && IsLive(found->second);
    });
    for (auto& [host, model] : hosts) {
      const auto found = model.containers.find(name);
      if (found == model.containers.end()) {
        if (!somewhere) model.containers[name] = OursOf(app, 4);
      } else if (IsLive(found->second) && !found->second.running &&
                 found->second.restart_policy == "no") {
        found->second = OursOf(app, 4);
      }
    }
  }
  return hosts;
}

std::string WhatDiffers(const Simulation::Hosts& before, const Simulation::Hosts& after) {
  for (const auto& [name, host] : before) {
    if (host.SameAs(after.at(name))) continue;
    return absl::StrCat(name, " before:\n", host.Describe(), "after:\n", after.at(name).Describe());
  }
  return "";
}

std::map<v1::DeploymentState, int> RestoreAll(const Weather& weather) {
  std::map<v1::DeploymentState, int> ends;
  for (uint64_t seed = 1; seed <= kRestores && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    WorldWithDatabase world(seed);
    const Simulation::Hosts before = world.hosts;
    Simulation simulation(world.deployment, weather, world.hosts, world.random, seed % 20 == 0);
    EXPECT_THAT(simulation.Run(), IsEmpty());
    const v1::DeploymentState end = simulation.state().record.view().state();
    const bool restored = RestoringStep(simulation.state()) != nullptr;
    if (end == v1::NEEDS_ATTENTION) {
      EXPECT_TRUE(!simulation.blameless() || restored);
    } else {
      EXPECT_EQ(restored, end == v1::SUCCEEDED);
      EXPECT_EQ(WhatDiffers(restored ? Expected(world.deployment, before) : before, world.hosts),
                "");
    }
    ++ends[end];
  }
  return ends;
}

TEST(RestoreSimulation, LeavesEverythingRunningAsItWasInCalmWeather) {
  EXPECT_EQ(RestoreAll({.restart = 20, .repeat = 50})[v1::SUCCEEDED], kRestores);
}

TEST(RestoreSimulation, PutsEverythingBackWhenStepsFail) {
  auto ends = RestoreAll({.fail = 80, .timer = 20, .restart = 20, .repeat = 50});
  EXPECT_GT(ends[v1::ROLLED_BACK], kRestores / 15);
  EXPECT_GT(ends[v1::SUCCEEDED], kRestores / 10);
}

TEST(RestoreSimulation, PutsEverythingBackWhenAUserCancels) {
  auto ends = RestoreAll({.cancel = 60, .restart = 20, .repeat = 50});
  EXPECT_GT(ends[v1::CANCELLED], kRestores / 10);
}

TEST(RestoreSimulation, EndsInEveryStorm) {
  auto ends = RestoreAll(kStorm);
  EXPECT_GT(ends[v1::NEEDS_ATTENTION], 0);
}

}  // namespace
}  // namespace davit::core
