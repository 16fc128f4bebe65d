#include "controller/core/rollout.h"

#include <limits>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/core/container_spec.h"

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

absl::Status PlaceOn(const std::string& host, const DeploymentState& state, const Survey& survey,
                     Rollout& rollout) {
  std::vector<Placement>& placements = rollout.placements.emplace_back();
  for (const v1::Release& release : state.record.view().releases()) {
    absl::StatusOr<Occupants> before = FindOccupants(state.record, release, *survey.hosts.at(host));
    if (!before.ok()) {
      v1::Failure failure = FailureOf(before.status());
      failure.add_evidence(absl::StrCat("on host ", host));
      return FailureStatus(failure);
    }
    placements.push_back({.host = host,
                          .release = &release,
                          .app = &state.record.request().spec().apps().at(release.app()),
                          .container = &rollout.containers.at(release.app()),
                          .image = survey.images.at(release.app()),
                          .before = *std::move(before)});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Rollout>> MakeRollout(const DeploymentState& state,
                                                     const Survey& survey) {
  auto rollout = std::make_unique<Rollout>();
  rollout->deployment_id = state.record.view().id();
  rollout->record = &state.record;
  rollout->batch = SmallestBatch(state);
  if (absl::Status status = MakeContainers(state, survey, *rollout); !status.ok()) return status;
  for (const std::string& host : state.record.view().hosts()) {
    if (absl::Status status = PlaceOn(host, state, survey, *rollout); !status.ok()) return status;
  }
  return rollout;
}

}  // namespace davit::core
