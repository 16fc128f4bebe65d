#include "controller/api/status/stray_rows.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/core/names.h"
#include "controller/core/observed.h"

namespace davit::api {
namespace {

bool HasHost(const StatusRecords& records, const std::string& host) {
  return std::any_of(records.live.begin(), records.live.end(),
                     [&](const executor::LiveApp& app) { return app.IsOn(host); });
}

std::string WhyStray(const StatusRecords& records, const std::string& environment,
                     const std::string& host, const std::string& app) {
  if (records.FindLive(app) == nullptr) {
    return absl::StrCat("no release of ", app, " is live by the records");
  }
  if (!HasHost(records, host)) {
    return absl::StrCat(host, " is not a host of ", environment, " any more");
  }
  return absl::StrCat(app, " is not deployed to ", host, " any more");
}

v1::AppStatus RowFor(const v1::HostApp& app, const std::string& host, bool now) {
  v1::AppStatus row;
  row.set_app(app.app());
  row.set_host(host);
  row.set_container(app.container());
  row.set_container_state(now ? app.state() : "unknown");
  if (!now) return row;
  row.set_health(app.health());
  if (app.has_start_time()) *row.mutable_start_time() = app.start_time();
  return row;
}

std::string AttentionText(const v1::Deployment& deployment, const std::string& app) {
  const auto& releases = deployment.releases();
  const auto release = std::find_if(releases.begin(), releases.end(),
                                    [&](const v1::Release& other) { return other.app() == app; });
  const std::string what =
      release == releases.end()
          ? std::string("put a backup in the place of its database")
          : absl::StrCat("make ", core::AppVersion(app, release->number()), " live");
  return absl::StrCat("deployment ", deployment.id(), ", which was to ", what,
                      ", needs attention: see `davit show ", deployment.id(), "`");
}

// The app's first row; a new one when it has none.
v1::AppStatus& FirstRow(const std::string& app, const v1::Deployment& deployment,
                        v1::GetStatusResponse& status) {
  for (v1::AppStatus& row : *status.mutable_apps()) {
    if (row.app() == app) return row;
  }
  v1::AppStatus& row = *status.add_apps();
  row.set_app(app);
  if (!deployment.hosts().empty()) row.set_host(deployment.hosts(0));
  row.set_container_state("missing");
  return row;
}

}  // namespace

v1::HostApp HostAppOf(const worker::v1::ObservedContainer& container) {
  v1::HostApp app;
  app.set_project(std::string(core::LabelOf(container, core::kProjectLabel)));
  app.set_environment(std::string(core::LabelOf(container, core::kEnvironmentLabel)));
  app.set_app(std::string(core::LabelOf(container, core::kAppLabel)));
  app.set_release(core::ReleaseOf(container));
  app.set_container(container.name());
  app.set_state(container.state());
  app.set_health(container.health());
  if (container.has_start_time()) *app.mutable_start_time() = container.start_time();
  return app;
}

std::vector<v1::AppStatus> StrayRows(const StatusRecords& records, const std::string& environment,
                                     const std::map<std::string, HostContainers>& hosts) {
  std::vector<v1::AppStatus> rows;
  for (const auto& [host, containers] : hosts) {
    for (const v1::HostApp& app : containers.apps) {
      const executor::LiveApp* live = records.FindLive(app.app());
      if (live != nullptr && live->IsOn(host)) continue;
      if (app.app().empty() || !core::IsUp(app) || records.IsAtWork(app.app(), host)) continue;
      v1::AppStatus& row = rows.emplace_back(RowFor(app, host, containers.now));
      row.set_problem(absl::StrCat(
          WhyStray(records, environment, host, app.app()), "; ",
          core::AppVersion(app.app(), app.release()),
          containers.now ? " still runs there" : " ran there when it was last heard of",
          ": to end it, run `docker rm -f ", app.container(), "` on that host"));
    }
  }
  return rows;
}

void TellAttention(const StatusRecords& records, v1::GetStatusResponse& status) {
  for (const auto& [app, deployment] : records.attention) {
    if (records.IsBeingDeployed(app)) continue;
    v1::AppStatus& row = FirstRow(app, deployment, status);
    row.set_problem(absl::StrCat(row.problem(), row.problem().empty() ? "" : "; ",
                                 AttentionText(deployment, app)));
  }
}

}  // namespace davit::api
