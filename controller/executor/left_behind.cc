#include "controller/executor/left_behind.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "controller/core/database/work.h"
#include "controller/core/machine/new_deployment.h"
#include "controller/core/names.h"
#include "controller/core/observed.h"
#include "controller/executor/live_apps.h"

namespace davit::executor {
namespace {

// Looks at one host after the other.
class Search {
 public:
  Search(const v1::DeploymentRequest& request, const std::vector<std::string>& apps,
         const std::vector<LiveApp>& live)
      : spec_(request.spec()), apps_(apps.begin(), apps.end()), live_(live) {}

  void Look(const std::string& host, const fleet::HostCondition& condition) {
    const auto& hosts = spec_.hosts();
    if (std::find(hosts.begin(), hosts.end(), host) != hosts.end()) return;
    if (!condition.report) return LookIntoRecords(host);
    const bool heard = condition.state != v1::Host::AWAY;
    for (const v1::HostApp& app : condition.report->apps()) {
      if (!core::IsUp(app) || !IsOurs(app)) continue;
      Add(host, core::AppVersion(app.app(), app.release()), NameOf(app, host),
          heard ? "goes on running there" : "ran there when the host was last heard of");
    }
  }

  std::vector<std::string> Take() && { return std::move(notes_); }

 private:
  bool IsOurs(const v1::HostApp& app) const {
    return app.project() == spec_.project() && app.environment() == spec_.environment() &&
           apps_.contains(app.app());
  }

  // A report that is some seconds old may have the name of before the switch.
  std::string NameOf(const v1::HostApp& app, const std::string& host) const {
    for (const LiveApp& live : live_) {
      const v1::Release& release = live.release.view();
      if (release.app() == app.app() && release.number() == app.release() && live.IsOn(host)) {
        return live.release.container().service_name();
      }
    }
    return app.container();
  }

  void LookIntoRecords(const std::string& host) {
    for (const LiveApp& app : live_) {
      const v1::Release& release = app.release.view();
      if (!apps_.contains(release.app()) || !app.IsOn(host)) continue;
      Add(host, core::AppVersion(release.app(), release.number()),
          app.release.container().service_name(), "goes on running there, by the records");
    }
  }

  void Add(const std::string& host, const std::string& version, const std::string& container,
           absl::string_view how) {
    notes_.push_back(absl::StrCat(host, " is not a host of this deployment: ", version, " ", how,
                                  "; to end it, run `docker rm -f ", container, "` on that host"));
  }

  const v1::EnvironmentSpec& spec_;
  const std::set<std::string> apps_;
  const std::vector<LiveApp>& live_;
  std::vector<std::string> notes_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> LeftBehind(store::ReadTxn& txn, const fleet::Fleet& fleet,
                                                    const v1::DeploymentRequest& request) {
  auto apps = core::ReleaseOrder(request);
  if (!apps.ok()) return apps.status();
  // They would go on with the database that a restore replaces.
  if (request.has_restore()) *apps = core::AppsStoppedByWork(request);
  const auto live = LiveApps(txn, request.spec().project(), request.spec().environment());
  if (!live.ok()) return live.status();
  Search search(request, *apps, *live);
  for (const std::string& host : fleet.Hosts()) search.Look(host, fleet.Condition(host));
  return std::move(search).Take();
}

}  // namespace davit::executor
