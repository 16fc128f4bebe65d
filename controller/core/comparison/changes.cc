#include "controller/core/comparison/changes.h"

#include <memory>

#include "controller/core/comparison/declared_settings.h"
#include "controller/core/comparison/seen_settings.h"
#include "controller/core/comparison/settings.h"
#include "controller/core/plan/rollout.h"
#include "controller/core/plan/survey.h"

namespace davit::core {
namespace {

// The container that is taken over on the first host that has one; null: none is.
const worker::v1::ObservedContainer* TakenOver(const Rollout& rollout, const std::string& app) {
  for (const std::vector<Placement>& host : rollout.placements) {
    for (const Placement& placement : host) {
      const Occupants& before = placement.before;
      if (placement.release->app() != app || before.serving == nullptr) continue;
      if (before.serving_release == 0) return before.serving;
    }
  }
  return nullptr;
}

// The placement of a release of ours that serves, on the first host that has one; null: none
// does.
const Placement* Serving(const Rollout& rollout, const std::string& app) {
  for (const std::vector<Placement>& host : rollout.placements) {
    for (const Placement& placement : host) {
      const bool ours = placement.before.serving_release > 0;
      if (placement.release->app() == app && ours) return &placement;
    }
  }
  return nullptr;
}

Settings NewSettings(const DeploymentState& state, const Rollout& rollout,
                     const v1::Release& release) {
  const v1::App& app = state.record.request().spec().apps().at(release.app());
  return SettingsOf(rollout.containers.at(release.app()), app.healthcheck());
}

void CompareWithSeen(const worker::v1::ObservedContainer& seen,
                     const worker::v1::ContainerSpec& container, const v1::Release& release,
                     const worker::v1::ResolvedImage& image, const Settings& fresh,
                     v1::AppChange& change) {
  Settings before = SettingsOf(seen);
  Settings after;
  for (const auto& [key, setting] : before) {
    if (const auto found = fresh.find(key); found != fresh.end()) after.insert(*found);
  }
  if (seen.has_settings()) {
    Settings told = SettingsOf(seen.settings());
    after.merge(LikeSeen(container, told));
    before.merge(told);
  }
  if (seen.image_id().empty() || seen.image_id() != image.image_id()) {
    before["image"] = {ShowImage(seen.image_reference(), "", seen.image_id()), ""};
    after["image"] = {ShowImage(release.image_reference(), image.digest(), image.image_id()), ""};
  }
  AddDifferences(before, after, change);
}

void CompareWithRecord(const state::v1::ReleaseRecord& live, const v1::Release& release,
                       const worker::v1::ResolvedImage& image, Settings fresh,
                       v1::AppChange& change) {
  Settings before;
  if (live.has_container()) before = SettingsOf(live.container(), live.healthcheck());
  if (!live.view().app().empty()) {
    before["image"] = {ShowImage(live.view().image_reference(), live.view().image_digest(),
                                 live.view().image_id()),
                       ""};
  }
  fresh["image"] = {ShowImage(release.image_reference(), image.digest(), image.image_id()), ""};
  AddDifferences(before, fresh, change);
}

// Of what is no part of a container. A rollback runs none of it.
void CompareDeclared(const DeploymentState& state, const state::v1::ReleaseRecord* live,
                     const std::string& app, v1::AppChange& change) {
  if (state.record.request().has_rollback()) return;
  if (live != nullptr && !KnowsDeclared(*live)) return;
  AddDifferences(live == nullptr ? Settings() : DeclaredSettings(*live),
                 DeclaredSettings(state, app), change);
}

v1::AppChange ChangeOf(const DeploymentState& state, const Rollout& rollout,
                       const v1::Release& release, const worker::v1::ResolvedImage& image) {
  v1::AppChange change;
  change.set_app(release.app());
  const Settings fresh = NewSettings(state, rollout, release);
  const worker::v1::ContainerSpec& container = rollout.containers.at(release.app());
  const auto live = state.record.previous().find(release.app());
  const bool known = live != state.record.previous().end();
  if (known) change.set_old_release(live->second.view().number());
  if (const worker::v1::ObservedContainer* seen = TakenOver(rollout, release.app())) {
    change.set_kind(v1::AppChange::TAKEN_OVER);
    change.set_old_container(seen->name());
    CompareWithSeen(*seen, container, release, image, fresh, change);
    return change;
  }
  if (const Placement* ours = Serving(rollout, release.app()); ours != nullptr && !known) {
    // The records have lost it.
    change.set_kind(v1::AppChange::REPLACED);
    change.set_old_release(ours->before.serving_release);
    CompareWithSeen(*ours->before.serving, container, release, image, fresh, change);
    return change;
  }
  change.set_kind(known ? v1::AppChange::REPLACED : v1::AppChange::FIRST);
  CompareWithRecord(known ? live->second : state::v1::ReleaseRecord(), release, image, fresh,
                    change);
  CompareDeclared(state, known ? &live->second : nullptr, release.app(), change);
  return change;
}

}  // namespace

std::vector<v1::AppChange> ChangesOf(const DeploymentState& state) {
  const absl::StatusOr<Survey> survey = ReadSurvey(state);
  if (!survey.ok()) return {};
  const absl::StatusOr<std::unique_ptr<Rollout>> rollout = MakeRollout(state, *survey);
  if (!rollout.ok()) return {};
  std::vector<v1::AppChange> changes;
  for (const v1::Release& release : state.record.view().releases()) {
    changes.push_back(ChangeOf(state, **rollout, release, *survey->images.at(release.app())));
  }
  return changes;
}

}  // namespace davit::core
