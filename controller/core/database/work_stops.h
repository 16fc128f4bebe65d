#ifndef DAVIT_CONTROLLER_CORE_DATABASE_WORK_STOPS_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_WORK_STOPS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/core/plan/plan_builder.h"
#include "controller/core/plan/survey.h"

namespace davit::core {

// Id of a container that there is none of: no engine gives it.
inline constexpr char kNoContainer[] =
    "0000000000000000000000000000000000000000000000000000000000000000";

// How a container is when its app's database is replaced, and what becomes of it.
enum class Standing {
  kUp,       // runs: is stopped, and put back
  kStopped,  // was stopped by Davit and not put back: is started
  kGone,     // was removed: is made anew
  kDown,     // does not run, and is left so
};

// A container of an app whose database is replaced. Points into the survey and the record.
struct StopOfApp {
  std::string host;
  std::string app;
  std::string version;  // "web v2", or "container NAME" of one that is no release
  Standing standing = Standing::kUp;
  std::string why;   // of kDown, a half sentence
  std::string name;  // that the container has, or would have
  const worker::v1::ObservedContainer* container = nullptr;  // null: there is none
  const worker::v1::ContainerSpec* record = nullptr;         // to make it anew; null: there is none
  const v1::Healthcheck* healthcheck = nullptr;              // of that release; null: none is known
  bool serves = false;                                       // it has its app's name
};

// By host in the order of the rollout, then in the order of release.
using Stops = std::vector<StopOfApp>;

// Every container that runs, on any of the deployment's hosts, of the apps that
// AppsStoppedByWork names, or whose live release uses the database by its record: Davit's
// own, and one that has such an app's name. Behind those of an app, its live release where
// that does not run. NAME_IN_USE when one of them would be gone once it is stopped.
absl::StatusOr<Stops> FindStops(const state::v1::DeploymentRecord& record, const Survey& survey);

// Each appends a step for each of them, one after the other on each host: stops of what runs,
// in reverse; then what makes them run again; then health checks of those that serve. Of what
// is left as it is, the check only warns that it does not run.
void AddStops(const Stops& stops, PlanBuilder& plan);
void AddPutBacks(const Stops& stops, PlanBuilder& plan);
void AddHealthChecks(const Stops& stops, PlanBuilder& plan);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_WORK_STOPS_H_
