#include "controller/core/database/work.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/database/users.h"
#include "controller/core/machine/new_deployment.h"
#include "controller/core/proto_time.h"

namespace davit::core {
namespace {

// A map has no order of its own; a plan has.
std::vector<std::string> DatabaseNames(const v1::EnvironmentSpec& spec) {
  std::set<std::string> names;
  for (const auto& [name, database] : spec.databases()) names.insert(name);
  return {names.begin(), names.end()};
}

void CheckNames(const v1::DeploymentRequest& request, std::vector<std::string>& problems) {
  const std::vector<std::string> known = DatabaseNames(request.spec());
  for (const std::string& name : DatabasesOfWork(request)) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    problems.push_back(absl::StrCat(
        "no app of ", request.spec().environment(), " uses a database ", name, "; ",
        known.empty() ? "none uses any" : absl::StrCat("there is ", absl::StrJoin(known, ", "))));
  }
}

// The worker joins it to the directory.
bool IsFileName(const std::string& file) {
  return !file.empty() && !absl::StrContains(file, '/') && file[0] != '.';
}

}  // namespace

bool IsDatabaseWork(const v1::DeploymentRequest& request) {
  return request.has_backup() || request.has_restore();
}

bool IsRollbackThatRestores(const v1::DeploymentRequest& request) {
  return request.rollback().schema() == v1::RollbackRequest::RESTORE;
}

bool PutsBackupsInPlace(const v1::DeploymentRequest& request) {
  return request.has_restore() || IsRollbackThatRestores(request);
}

v1::Operation OperationOf(const v1::DeploymentRequest& request) {
  if (request.has_restore()) return v1::OPERATION_RESTORE;
  if (request.has_backup()) return v1::OPERATION_BACKUP;
  return request.has_rollback() ? v1::OPERATION_ROLLBACK : v1::OPERATION_UNSPECIFIED;
}

std::vector<std::string> DatabasesOfWork(const v1::DeploymentRequest& request) {
  if (request.has_restore()) return {request.restore().database()};
  if (!request.has_backup()) return {};
  const auto& named = request.backup().databases();
  if (named.empty()) return DatabaseNames(request.spec());
  const std::set<std::string> sorted(named.begin(), named.end());
  return {sorted.begin(), sorted.end()};
}

std::vector<std::string> AppsStoppedByWork(const v1::DeploymentRequest& request) {
  const bool rollback = IsRollbackThatRestores(request);
  if (!request.has_restore() && !rollback) return {};
  v1::DeploymentRequest all;
  *all.mutable_spec() = request.spec();
  auto order = ReleaseOrder(all);
  if (!order.ok()) return {};  // refused where the deployment is made
  const auto is_other = [&](const std::string& app) {
    const std::string& database = request.spec().apps().at(app).database();
    return rollback ? database.empty() : database != request.restore().database();
  };
  order->erase(std::remove_if(order->begin(), order->end(), is_other), order->end());
  return *std::move(order);
}

bool IsStoppedByRestore(const v1::DeploymentRequest& request,
                        const state::v1::ReleaseRecord& live) {
  if (IsRollbackThatRestores(request)) return !live.app().database().empty();
  return request.has_restore() && UsesDatabase(request.spec(), live, request.restore().database());
}

std::vector<std::string> HostsConcerned(const v1::DeploymentRequest& request) {
  const auto& hosts = request.spec().hosts();
  if (request.has_backup() && !hosts.empty()) return {hosts[0]};
  return {hosts.begin(), hosts.end()};
}

absl::Duration RestoreTimeoutOf(const v1::DatabaseBackup& backup) {
  return std::max(absl::Hours(1), 4 * FromProto(backup.timeout()));
}

absl::Status CheckDatabaseWork(const v1::DeploymentRequest& request) {
  if (!IsDatabaseWork(request)) return absl::OkStatus();
  std::vector<std::string> problems;
  if (request.has_backup() && request.has_restore()) {
    problems.emplace_back("a backup and a restore are two deployments");
  }
  if (request.has_rollback() || !request.apps().empty() || !request.images().empty() ||
      !request.built().empty() || !request.adopt().empty()) {
    problems.emplace_back("a deployment that works on databases releases no apps");
  }
  CheckNames(request, problems);
  if (request.has_backup() && DatabasesOfWork(request).empty()) {
    problems.push_back(absl::StrCat("no app of ", request.spec().environment(),
                                    " uses a database that could be backed up"));
  }
  if (request.has_restore() && !IsFileName(request.restore().file())) {
    problems.push_back(
        absl::StrCat("'", request.restore().file(), "' is no name of a backup's file"));
  }
  if (problems.empty()) return absl::OkStatus();
  const std::string first = problems.front();
  v1::Failure failure = MakeFailure(v1::SPEC_INVALID, first, std::move(problems));
  failure.set_next_command(absl::StrCat("see which backups there are with `davit backups -e ",
                                        request.spec().environment(), "`"));
  return FailureStatus(failure);
}

const state::v1::StepRecord* RestoringStep(const DeploymentState& state) {
  for (const state::v1::StepRecord& step : state.steps) {
    const bool done = step.view().state() == v1::STEP_SUCCEEDED;
    if (step.spec().has_restore_database() && done) return &step;
  }
  return nullptr;
}

}  // namespace davit::core
