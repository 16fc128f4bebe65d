#include "controller/core/database/work_down.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/names.h"
#include "controller/core/observed.h"

namespace davit::core {
namespace {

using state::v1::DeploymentRecord;
using state::v1::ReleaseRecord;
using worker::v1::ObservedContainer;

bool Serves(const ObservedContainer& container, const std::string& app, const ReleaseRecord& live,
            const v1::EnvironmentSpec& spec) {
  return container.name() == ServiceName(spec, app) ||
         container.name() == live.container().service_name();
}

// Whether any host still has a container of the live release, whatever its state.
bool IsSomewhere(const DeploymentRecord& record, const Survey& survey, const std::string& app,
                 int64_t number) {
  return std::any_of(survey.hosts.begin(), survey.hosts.end(), [&](const auto& host) {
    const auto& containers = host.second->containers();
    return std::any_of(containers.begin(), containers.end(), [&](const auto& container) {
      return ReleaseOf(container) == number && IsContainerOf(container, app, record);
    });
  });
}

std::string NameOf(const ReleaseRecord& live, const std::string& app,
                   const v1::EnvironmentSpec& spec) {
  const std::string& name = live.container().service_name();
  return name.empty() ? ServiceName(spec, app) : name;
}

void JudgeStopped(const ObservedContainer& container, StopOfApp& stop) {
  stop.container = &container;
  stop.name = container.name();
  const std::string& policy = container.restart_policy();
  const bool startable = container.state() == "exited" || container.state() == "created";
  if (startable && (policy.empty() || policy == "no")) {
    stop.standing = Standing::kStopped;
    return;
  }
  stop.standing = Standing::kDown;
  stop.why = startable ? absl::StrCat("somebody has stopped it: its restart policy is ", policy,
                                      ", and Davit stops with `no`")
                       : absl::StrCat("its container is ", container.state());
}

void JudgeMissing(const ObservedContainer* in_the_way, bool somewhere, StopOfApp& stop) {
  stop.standing = Standing::kDown;
  if (in_the_way != nullptr) {
    stop.why = absl::StrCat("the container ", in_the_way->name(), " there is another one, and is ",
                            in_the_way->state());
  } else if (somewhere) {
    stop.why = "it has no container there";
  } else if (stop.record == nullptr) {
    stop.why = "it has no container, and there is no record to make it from";
  } else {
    stop.standing = Standing::kGone;
  }
}

}  // namespace

bool IsContainerOf(const ObservedContainer& container, const std::string& app,
                   const DeploymentRecord& record) {
  const v1::EnvironmentSpec& spec = record.request().spec();
  const absl::string_view label = LabelOf(container, kAppLabel);
  if (label.empty()) return container.name() == ServiceName(spec, app);
  return label == app && LabelOf(container, kProjectLabel) == spec.project() &&
         LabelOf(container, kEnvironmentLabel) == spec.environment();
}

std::optional<StopOfApp> FindDown(const DeploymentRecord& record, const Survey& survey,
                                  const std::string& app, const std::string& host) {
  const auto live = record.previous().find(app);
  if (live == record.previous().end()) return std::nullopt;
  const ReleaseRecord& release = live->second;
  const int64_t number = release.view().number();
  const v1::EnvironmentSpec& spec = record.request().spec();
  const ObservedContainer* stopped = nullptr;
  const ObservedContainer* in_the_way = nullptr;
  for (const ObservedContainer& container : survey.hosts.at(host)->containers()) {
    if (!Serves(container, app, release, spec)) continue;
    const bool ours = IsContainerOf(container, app, record);
    if (ours && IsUp(container)) return std::nullopt;
    (ours && ReleaseOf(container) == number ? stopped : in_the_way) = &container;
  }
  StopOfApp stop{.host = host,
                 .app = app,
                 .version = AppVersion(app, number),
                 .name = NameOf(release, app, spec),
                 .record = release.has_container() ? &release.container() : nullptr,
                 .healthcheck = &release.healthcheck(),
                 .serves = true};
  if (stopped != nullptr) {
    JudgeStopped(*stopped, stop);
  } else {
    JudgeMissing(in_the_way, IsSomewhere(record, survey, app, number), stop);
  }
  return stop;
}

std::vector<std::string> DownNotes(const Stops& stops) {
  std::map<std::string, std::vector<std::string>> hosts;  // by sentence
  for (const StopOfApp& stop : stops) {
    switch (stop.standing) {
      case Standing::kUp:
        break;
      case Standing::kStopped:
        hosts[absl::StrCat(stop.version,
                           " does not run now, and has the restart policy `no`, as "
                           "a deployment leaves what it has stopped and not put back: it is "
                           "started once the backup is in place")]
            .push_back(stop.host);
        break;
      case Standing::kGone:
        hosts[absl::StrCat(stop.version,
                           " has no container any more: it is made anew once the "
                           "backup is in place")]
            .push_back(stop.host);
        break;
      case Standing::kDown:
        hosts[absl::StrCat(stop.version, " does not run, and is left so: ", stop.why)].push_back(
            stop.host);
        break;
    }
  }
  std::vector<std::string> notes;
  for (const auto& [sentence, where] : hosts) {
    notes.push_back(absl::StrCat(absl::StrJoin(where, ", "), ": ", sentence));
  }
  return notes;
}

}  // namespace davit::core
