#include "client/commands/rollback/rollback_releases.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/output/table.h"

namespace davit::commands {
namespace {

constexpr size_t kMostPerApp = 10;
constexpr int kDeploymentsLookedAt = 200;

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

}  // namespace

absl::StatusOr<std::map<std::string, int64_t>> ReadLiveNumbers(Connection& connection,
                                                               const v1::EnvironmentSpec& spec) {
  v1::GetStatusRequest ask;
  ask.set_project(spec.project());
  ask.set_environment(spec.environment());
  const auto status = connection.Call(&Connection::Stub::GetStatus, ask);
  if (!status.ok()) return status.status();
  std::map<std::string, int64_t> numbers;
  for (const v1::AppStatus& row : status->apps()) {
    if (row.has_release()) numbers[row.app()] = row.release().number();
  }
  return numbers;
}

absl::StatusOr<std::map<std::string, std::vector<PastRelease>>> ReadPastReleases(
    Connection& connection, const v1::EnvironmentSpec& spec) {
  const auto live = ReadLiveNumbers(connection, spec);
  if (!live.ok()) return live.status();
  v1::ListDeploymentsRequest ask;
  ask.set_project(spec.project());
  ask.set_environment(spec.environment());
  ask.set_page_size(kDeploymentsLookedAt);
  const auto history = connection.Call(&Connection::Stub::ListDeployments, ask);
  if (!history.ok()) return history.status();
  std::map<std::string, std::vector<PastRelease>> releases;
  for (const v1::Deployment& deployment : history->deployments()) {
    if (deployment.state() != v1::SUCCEEDED) continue;
    for (const v1::Release& release : deployment.releases()) {
      std::vector<PastRelease>& past = releases[release.app()];
      if (past.size() == kMostPerApp) continue;
      const auto now = live->find(release.app());
      past.push_back({.release = release,
                      .live_time = TimeOf(deployment.end_time()),
                      .live = now != live->end() && now->second == release.number(),
                      .again = deployment.operation() == v1::OPERATION_ROLLBACK});
    }
  }
  return releases;
}

std::string PastReleasesText(const std::string& app, const std::vector<PastRelease>& releases,
                             absl::TimeZone zone, int width) {
  std::vector<std::vector<std::string>> rows;
  for (const PastRelease& past : releases) {
    rows.push_back({absl::StrCat(app, " v", past.release.number()), past.release.image_reference(),
                    absl::FormatTime("%Y-%m-%d %H:%M", past.live_time, zone),
                    past.live    ? "live now"
                    : past.again ? "a rollback"
                                 : "-"});
  }
  return output::RenderTable({{"RELEASE"}, {"IMAGE", 1}, {"LIVE FROM", 2}, {"NOW"}}, rows, width);
}

}  // namespace davit::commands
