#include "controller/core/database/work_stops.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/core/database/work.h"
#include "controller/core/database/work_down.h"
#include "controller/core/names.h"
#include "controller/core/observed.h"
#include "controller/core/occupied.h"
#include "controller/core/plan/inverse.h"
#include "controller/core/plan/step_timeout.h"
#include "controller/core/proto_time.h"
#include "controller/core/restoration/restoration_plan.h"

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

StopOfApp StopOf(const ObservedContainer& container, const std::string& app,
                 const std::string& host, const state::v1::DeploymentRecord& record) {
  StopOfApp stop{.host = host, .app = app, .name = container.name(), .container = &container};
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

// What has it run again, as it was declared where it does not run now.
worker::v1::StepSpec RunAgain(const StopOfApp& stop) {
  if (stop.standing == Standing::kUp) {
    return InverseOf(StopSpec(*stop.container), ContextOf(stop)).value();
  }
  worker::v1::StepSpec spec;
  worker::v1::PutBack& put_back = *spec.mutable_put_back();
  put_back.set_container_id(stop.container == nullptr ? kNoContainer : stop.container->id());
  put_back.set_name(stop.name);
  put_back.set_was_running(true);
  if (stop.record == nullptr) return spec;
  put_back.set_restart_policy(stop.record->restart_policy());
  *put_back.mutable_record() = *stop.record;
  return spec;
}

NewStep RunAgainStep(const StopOfApp& stop) {
  switch (stop.standing) {
    case Standing::kStopped:
      return StepOf(stop, "start ", " again");
    case Standing::kGone:
      return StepOf(stop, "make ", " anew");
    default:
      return StepOf(stop, "put ", " back");
  }
}

}  // namespace

absl::StatusOr<Stops> FindStops(const state::v1::DeploymentRecord& record, const Survey& survey) {
  const std::vector<std::string> apps = AppsToStop(record);
  Stops stops;
  for (const std::string& host : record.view().hosts()) {
    for (const std::string& app : apps) {
      if (record.request().has_rollback() && !IsStoppedForRestore(record, app)) continue;
      for (const ObservedContainer& container : survey.hosts.at(host)->containers()) {
        if (!IsUp(container) || !IsContainerOf(container, app, record)) continue;
        StopOfApp stop = StopOf(container, app, host, record);
        if (container.auto_remove() && stop.record == nullptr) return GoneOnceStopped(container);
        stops.push_back(std::move(stop));
      }
      if (auto down = FindDown(record, survey, app, host)) stops.push_back(*std::move(down));
    }
  }
  return stops;
}

void AddStops(const Stops& stops, PlanBuilder& plan) {
  Chains chains(plan);
  for (const StopOfApp& stop : BackwardsOnEachHost(stops)) {
    if (stop.standing != Standing::kUp) continue;
    NewStep step = StepOf(stop, "stop ", "");
    step.spec = StopSpec(*stop.container);
    step.inverse = ContextOf(stop);
    chains.Add(std::move(step));
  }
}

void AddPutBacks(const Stops& stops, PlanBuilder& plan) {
  Chains chains(plan);
  for (const StopOfApp& stop : stops) {
    if (stop.standing == Standing::kDown) continue;
    NewStep step = RunAgainStep(stop);
    step.spec = RunAgain(stop);
    chains.Add(std::move(step));
  }
}

void AddHealthChecks(const Stops& stops, PlanBuilder& plan) {
  Chains chains(plan);
  for (const StopOfApp& stop : stops) {
    if (!stop.serves) continue;
    const bool left = stop.standing == Standing::kDown;
    NewStep step =
        left ? StepOf(stop, "see whether ", " runs") : StepOf(stop, "check health of ", "");
    step.warn_only = left;
    step.spec.mutable_check_health()->set_container(stop.name);
    if (stop.healthcheck != nullptr) {
      *step.spec.mutable_check_health()->mutable_healthcheck() = *stop.healthcheck;
    }
    chains.Add(std::move(step));
  }
}

}  // namespace davit::core
