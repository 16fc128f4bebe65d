#include "controller/core/plan/rollout.h"

#include <algorithm>
#include <limits>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/plan/container_spec.h"
#include "controller/core/restoration/restoration_plan.h"

namespace davit::core {
namespace {

absl::Status MakeContainers(const DeploymentState& state, const Survey& survey, Rollout& rollout) {
  std::map<std::string, std::string> app_by_name;
  for (const v1::Release& release : state.record.view().releases()) {
    absl::StatusOr<worker::v1::ContainerSpec> container =
        MakeContainerSpec(state.record, release, *survey.images.at(release.app()));
    if (!container.ok()) return container.status();
    const auto [other, inserted] = app_by_name.emplace(container->service_name(), release.app());
    if (!inserted) {
      return FailureStatus(
          v1::SPEC_INVALID,
          absl::StrCat("apps ", other->second, " and ", release.app(),
                       " have the same container name, ", container->service_name()));
    }
    rollout.containers[release.app()] = *std::move(container);
  }
  return absl::OkStatus();
}

// A host is replaced as a whole, so the most careful app decides.
int SmallestBatch(const DeploymentState& state) {
  int batch = std::numeric_limits<int>::max();
  for (const v1::Release& release : state.record.view().releases()) {
    const v1::App& app = state.record.request().spec().apps().at(release.app());
    batch = std::min(batch, std::max(1, app.strategy().batch()));
  }
  return batch;
}

bool HasContainer(const worker::v1::HostObservation& host, const std::string& name) {
  return std::any_of(host.containers().begin(), host.containers().end(),
                     [&](const auto& container) { return container.name() == name; });
}

absl::Status OnHost(const absl::Status& status, const std::string& host) {
  v1::Failure failure = FailureOf(status);
  failure.add_evidence(absl::StrCat("on host ", host));
  return FailureStatus(failure);
}

void PlaceOn(const std::string& host, const DeploymentState& state, const Survey& survey,
             Rollout& rollout) {
  std::vector<Placement>& placements = rollout.placements.emplace_back();
  for (const v1::Release& release : state.record.view().releases()) {
    const worker::v1::ContainerSpec& container = rollout.containers.at(release.app());
    Occupants before = FindOccupants(state.record, release, container, *survey.hosts.at(host));
    if (!before.problem.ok()) {
      rollout.problems.push_back({host, release.app(), OnHost(before.problem, host)});
      // A check goes on as if the one that is in the way went.
      if (!state.record.check_only()) continue;
    }
    placements.push_back({.host = host,
                          .release = &release,
                          .app = &state.record.request().spec().apps().at(release.app()),
                          .container = &container,
                          .image = survey.images.at(release.app()),
                          .before = std::move(before),
                          .stopped = IsStoppedForRestore(state.record, release.app())});
  }
}

// A name that is on none of the hosts is a mistake.
void CheckAdopted(const DeploymentState& state, const Survey& survey, Rollout& rollout) {
  for (const v1::Release& release : state.record.view().releases()) {
    const std::string name = AdoptedName(state.record, release.app());
    if (name.empty()) continue;
    const bool found = std::any_of(survey.hosts.begin(), survey.hosts.end(), [&](const auto& host) {
      return HasContainer(*host.second, name);
    });
    if (found) continue;
    v1::Failure failure = MakeFailure(
        v1::NOT_FOUND,
        absl::StrCat("there is no container ", name, " that could be adopted for ", release.app(),
                     " on ", absl::StrJoin(state.record.view().hosts(), ", ")));
    failure.set_likely_cause("it has been replaced already, or its name is misspelt");
    failure.set_next_command("look with `docker ps -a` on the host, or leave `--adopt` out");
    rollout.problems.push_back({"", release.app(), FailureStatus(failure)});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Rollout>> MakeRollout(const DeploymentState& state,
                                                     const Survey& survey) {
  auto rollout = std::make_unique<Rollout>();
  rollout->deployment_id = state.record.view().id();
  rollout->record = &state.record;
  rollout->batch = SmallestBatch(state);
  if (absl::Status status = MakeContainers(state, survey, *rollout); !status.ok()) return status;
  absl::StatusOr<DatabaseAccesses> databases = AccessToDatabases(state.record, rollout->containers);
  if (!databases.ok()) return databases.status();
  rollout->databases = *std::move(databases);
  for (const std::string& host : state.record.view().hosts()) {
    PlaceOn(host, state, survey, *rollout);
  }
  CheckAdopted(state, survey, *rollout);
  for (const auto& [app, status] : survey.images_not_there) {
    rollout->problems.push_back({"", app, status});
  }
  return rollout;
}

}  // namespace davit::core
