#include "client/commands/rollback/without_hosts.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

constexpr absl::Duration kAskedAboutHosts = absl::Seconds(5);

bool PutsDatabasesBack(const v1::RollbackRequest& rollback) {
  return rollback.schema() == v1::RollbackRequest::COMMAND ||
         rollback.schema() == v1::RollbackRequest::RESTORE;
}

// In the environment's order. Empty where the controller does not say.
std::vector<std::string> HostsAway(Connection& connection, const v1::EnvironmentSpec& spec) {
  const absl::StatusOr<v1::ListHostsResponse> known = connection.Call(
      &Connection::HostStub::ListHosts, v1::ListHostsRequest(), kAskedAboutHosts, Repeat::kNo);
  std::vector<std::string> away;
  if (!known.ok()) return away;
  for (const std::string& name : spec.hosts()) {
    const auto& hosts = known->hosts();
    const bool is_away = std::any_of(hosts.begin(), hosts.end(), [&](const v1::Host& host) {
      return host.name() == name && host.state() == v1::Host::AWAY;
    });
    if (is_away) away.push_back(name);
  }
  return away;
}

}  // namespace

absl::Status WithWayWithoutHosts(const absl::Status& error, Connection& connection,
                                 const v1::DeploymentRequest& request) {
  if (!IsFailure(error, v1::HOST_UNREACHABLE) || PutsDatabasesBack(request.rollback())) {
    return error;
  }
  const std::vector<std::string> away = HostsAway(connection, request.spec());
  const auto all = static_cast<size_t>(request.spec().hosts_size());
  if (away.empty() || away.size() == all) return error;
  const std::string names = absl::StrJoin(away, ", ");
  v1::Failure failure = FailureOf(error);
  const std::string first =
      failure.next_command().empty() ? "" : absl::StrCat(failure.next_command(), "; or ");
  failure.set_next_command(absl::StrCat(
      first, "go back without ", names, ": take ", names, " out of `hosts` in davit.yaml for ",
      request.spec().environment(),
      ", and run this again; what runs there goes on as it is until you deploy there again"));
  return FailureStatus(failure);
}

}  // namespace davit::commands
