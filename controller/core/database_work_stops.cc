#include "controller/core/database_work_stops.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/core/database_work.h"
#include "controller/core/inverse.h"
#include "controller/core/names.h"
#include "controller/core/observed.h"
#include "controller/core/occupied.h"
#include "controller/core/proto_time.h"
#include "controller/core/restoration_plan.h"
#include "controller/core/step_timeout.h"

namespace davit::core {
namespace {

using worker::v1::ObservedContainer;

// With those that go on although davit.yaml has them no more, or with another database.
std::vector<std::string> AppsToStop(const state::v1::DeploymentRecord& record) {
  std::vector<std::string> apps = AppsStoppedByWork(record.request());
  std::set<std::string> others;
  for (const auto& [app, live] : record.previous()) {
    if (IsStoppedByRestore(record.request(), live)) others.insert(app);
  }
  for (const std::string& app : apps) others.erase(app);
  apps.insert(apps.end(), others.begin(), others.end());
  return apps;
}

// Of the app, or by its name what serves in its place.
bool IsOf(const ObservedContainer& container, const std::string& app,
          const state::v1::DeploymentRecord& record) {
  const v1::EnvironmentSpec& spec = record.request().spec();
  const absl::string_view label = LabelOf(container, kAppLabel);
  if (label.empty()) return container.name() == ServiceName(spec, app);
  return label == app && LabelOf(container, kProjectLabel) == spec.project() &&
         LabelOf(container, kEnvironmentLabel) == spec.environment();
}

StopOfApp StopOf(const ObservedContainer& container, const std::string& app,
                 const std::string& host, const state::v1::DeploymentRecord& record) {
  StopOfApp stop{.host = host, .app = app, .container = &container};
  const int64_t release = ReleaseOf(container);
  stop.version =
      release > 0 ? AppVersion(app, release) : absl::StrCat("container ", container.name());
  stop.serves = container.name() == ServiceName(record.request().spec(), app);
  const auto live = record.previous().find(app);
  if (live == record.previous().end() || live->second.view().number() != release) return stop;
  const state::v1::ReleaseRecord& known = live->second;
  stop.record = known.has_container() ? &known.container() : nullptr;
  stop.healthcheck = &known.healthcheck();
  // It had another name than the app has by now.
  stop.serves = stop.serves || container.name() == known.container().service_name();
  return stop;
}

worker::v1::StepSpec StopSpec(const ObservedContainer& container) {
  worker::v1::StepSpec spec;
  worker::v1::StopContainer& stop = *spec.mutable_stop_container();
  stop.set_container_id(container.id());
  *stop.mutable_grace_period() =
      container.has_stop_timeout() ? container.stop_timeout() : ToProto(kDefaultStopGrace);
  return spec;
}

// Appends steps of which each waits for the one before on its host.
class Chains {
 public:
  explicit Chains(PlanBuilder& plan) : plan_(plan) {}

  void Add(NewStep step) {
    const std::string host = step.host;
    if (const auto last = last_.find(host); last != last_.end()) step.after = {last->second};
    last_[host] = plan_.Add(std::move(step));
  }

 private:
  PlanBuilder& plan_;
  std::map<std::string, int> last_;  // by host
};

NewStep StepOf(const StopOfApp& stop, absl::string_view before, absl::string_view behind) {
  return {.phase = v1::RELEASE,
          .host = stop.host,
          .app = stop.app,
          .title = absl::StrCat(before, stop.version, behind)};
}

// The hosts in their order, on each of them the last one first.
Stops BackwardsOnEachHost(Stops stops) {
  for (auto begin = stops.begin(); begin != stops.end();) {
    const auto end = std::find_if(begin, stops.end(),
                                  [&](const StopOfApp& stop) { return stop.host != begin->host; });
    std::reverse(begin, end);
    begin = end;
  }
  return stops;
}

InverseContext ContextOf(const StopOfApp& stop) {
  return {.stopped = stop.container, .record = stop.record};
}

}  // namespace

absl::StatusOr<Stops> FindStops(const state::v1::DeploymentRecord& record, const Survey& survey) {
  const std::vector<std::string> apps = AppsToStop(record);
  Stops stops;
  for (const std::string& host : record.view().hosts()) {
    for (const std::string& app : apps) {
      if (record.request().has_rollback() && !IsStoppedForRestore(record, app)) continue;
      for (const ObservedContainer& container : survey.hosts.at(host)->containers()) {
        if (!IsUp(container) || !IsOf(container, app, record)) continue;
        StopOfApp stop = StopOf(container, app, host, record);
        if (container.auto_remove() && stop.record == nullptr) return GoneOnceStopped(container);
        stops.push_back(std::move(stop));
      }
    }
  }
  return stops;
}

void AddStops(const Stops& stops, PlanBuilder& plan) {
  Chains chains(plan);
  for (const StopOfApp& stop : BackwardsOnEachHost(stops)) {
    NewStep step = StepOf(stop, "stop ", "");
    step.spec = StopSpec(*stop.container);
    step.inverse = ContextOf(stop);
    chains.Add(std::move(step));
  }
}

void AddPutBacks(const Stops& stops, PlanBuilder& plan) {
  Chains chains(plan);
  for (const StopOfApp& stop : stops) {
    NewStep step = StepOf(stop, "put ", " back");
    step.spec = InverseOf(StopSpec(*stop.container), ContextOf(stop)).value();
    chains.Add(std::move(step));
  }
}

void AddHealthChecks(const Stops& stops, PlanBuilder& plan) {
  Chains chains(plan);
  for (const StopOfApp& stop : stops) {
    if (!stop.serves) continue;
    NewStep step = StepOf(stop, "check health of ", "");
    step.spec.mutable_check_health()->set_container(stop.container->name());
    if (stop.healthcheck != nullptr) {
      *step.spec.mutable_check_health()->mutable_healthcheck() = *stop.healthcheck;
    }
    chains.Add(std::move(step));
  }
}

}  // namespace davit::core
