#ifndef DAVIT_CONTROLLER_CORE_RESTORATION_RESTORE_END_H_
#define DAVIT_CONTROLLER_CORE_RESTORATION_RESTORE_END_H_

#include <optional>
#include <string>
#include <vector>

#include "controller/core/deployment_state.h"

// What a deployment that restores databases has left, when it did not end well.
namespace davit::core {

// A container that the deployment has stopped, or was to start, by what its steps tell.
struct RestoredApp {
  std::string host;
  std::string app;
  std::string version;  // "web v2", or "container NAME"
  std::string name;     // of the container
  std::string policy;   // restart policy that it has while it serves; empty: not known
  bool gone = false;    // there was no container, so there may be none to start
  bool left = false;    // it was down before, and nobody was to start it
  enum State { kRuns, kHealthy, kSick, kDown, kUnknown };
  State is = kDown;
};
// In the order in which the plan first has them.
std::vector<RestoredApp> RestoredApps(const DeploymentState& state);

// How they are now, a sentence for all of a kind, those that do not run first: "web v2 is down
// on h1".
std::vector<std::string> AppsNow(const std::vector<RestoredApp>& apps);

// Why such a deployment did not end well although its containers may be as before: a backup is
// in its database's place, or nobody knows whether it is. Each database with the name that the
// one of before has now, and the statements that put it back; how the apps are. nullopt: all
// databases are as they were.
std::optional<v1::Failure> RestoreStays(const DeploymentState& state);

// Appends to why a rollback failed how the apps of a restore are, and what starts them.
void AddAppsNow(const DeploymentState& state, v1::Failure& failure);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_RESTORATION_RESTORE_END_H_
