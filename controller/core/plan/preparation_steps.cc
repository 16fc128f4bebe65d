// The steps of one host that leave alone what runs there.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/core/names.h"
#include "controller/core/plan/container_spec.h"
#include "controller/core/plan/rollout.h"
#include "controller/core/plan/secret_use.h"

namespace davit::core {
namespace {

using state::v1::DeploymentRecord;

int AddPull(const Placement& placement, const DeploymentRecord& record, PlanBuilder& plan) {
  const v1::Release& release = *placement.release;
  NewStep step = StepFor(placement, v1::PREPARE, {});
  step.title = absl::StrCat("pull ", NewVersion(placement));
  worker::v1::PullImage& pull = *step.spec.mutable_pull_image();
  pull.set_reference(release.image_reference());
  pull.set_digest(placement.image->digest());
  // With a digest the id may differ from host to host; without one it is all there is.
  if (placement.image->digest().empty()) pull.set_image_id(placement.image->image_id());
  for (worker::v1::RegistryLogin& login : Logins(record)) *pull.add_logins() = std::move(login);
  if (record.check_only()) return plan.Add(std::move(step));
  pull.set_keep_tag(
      absl::StrCat(KeepRepository(release.project(), release.environment(), release.app()), ":",
                   KeepTag(release.number())));
  return plan.Add(std::move(step));
}

bool RunsChecks(const Placement& placement) {
  return !placement.app->checks().empty() && IsFound(*placement.image);
}

// Where all is undone again, what nothing is run with is not even made: until then it
// would be in the way of others.
bool NeedsResources(const std::vector<Placement>& placements, const DeploymentRecord& record) {
  const auto has_any = [](const Placement& placement) {
    return placement.container->networks_size() + placement.container->mounts_size() > 0;
  };
  return std::any_of(placements.begin(), placements.end(), has_any) &&
         (!record.check_only() || std::any_of(placements.begin(), placements.end(), RunsChecks));
}

int AddWriteFiles(const Placement& placement, int pulled, PlanBuilder& plan) {
  NewStep step = StepFor(placement, v1::PREPARE, {pulled});
  step.title = absl::StrCat("write the files of ", NewVersion(placement));
  *step.spec.mutable_write_files()->mutable_container() = *placement.container;
  return plan.Add(std::move(step));
}

int AddCreateResources(const std::vector<Placement>& placements, std::vector<int> after,
                       PlanBuilder& plan) {
  NewStep step{.phase = v1::PREPARE,
               .host = placements.front().host,
               .title = "make networks and directories",
               .after = std::move(after)};
  for (const Placement& placement : placements) {
    *step.spec.mutable_create_resources()->add_containers() = *placement.container;
  }
  return plan.Add(std::move(step));
}

std::vector<std::string> DeclaredApps(const DeploymentRecord& record) {
  std::vector<std::string> apps;
  for (const auto& [name, app] : record.request().spec().apps()) apps.push_back(name);
  std::sort(apps.begin(), apps.end());
  return apps;
}

int AddPreflight(const DeploymentRecord& record, const std::vector<Placement>& placements,
                 std::vector<int> after, PlanBuilder& plan) {
  NewStep step{.phase = v1::PREPARE,
               .host = placements.front().host,
               .title = "check that it can work",
               .after = std::move(after)};
  worker::v1::Preflight& preflight = *step.spec.mutable_preflight();
  for (std::string& app : DeclaredApps(record)) preflight.add_declared_apps(std::move(app));
  for (const Placement& placement : placements) {
    *preflight.add_containers() = *placement.container;
    for (const auto* leftover : RunningLeftovers(placement)) {
      preflight.add_replaced_container_ids(leftover->id());
    }
    if (placement.before.serving != nullptr) {
      preflight.add_replaced_container_ids(placement.before.serving->id());
    }
  }
  return plan.Add(std::move(step));
}

// By database, one after the other: what is done for all apps of a host is not done at once.
std::map<std::string, int> AddWaits(const std::string& host, const Rollout& rollout, int last,
                                    PlanBuilder& plan) {
  std::map<std::string, int> waits;
  if (host != DatabaseHost(*rollout.record)) return waits;
  for (const auto& [name, access] : rollout.databases) {
    NewStep step = WaitForDatabase(*rollout.record, access);
    step.after = {last};
    last = waits[name] = plan.Add(std::move(step));
  }
  return waits;
}

void AddChecks(const Placement& placement, std::vector<int> after, PlanBuilder& plan) {
  for (const v1::Check& check : placement.app->checks()) {
    NewStep step = StepFor(placement, v1::PREPARE, std::move(after));
    const std::string title = absl::StrCat("check ", check.name());
    step.title = absl::StrCat(title, " of ", NewVersion(placement));
    step.warn_only = check.on_failure() == "warn";
    worker::v1::RunOneOff& run = *step.spec.mutable_run_one_off();
    *run.mutable_container() = OneOffOf(*placement.container, check, plan.NextId());
    run.set_title(title);
    run.set_failure_code(v1::CHECK_FAILED);
    *run.mutable_timeout() = check.timeout();
    after = {plan.Add(std::move(step))};
  }
}

}  // namespace

void AddPreparation(const std::vector<Placement>& placements, const Rollout& rollout,
                    PlanBuilder& plan) {
  if (placements.empty()) return;
  const DeploymentRecord& record = *rollout.record;
  std::vector<int> own;  // last step of each app whose image is known
  for (const Placement& placement : placements) {
    if (!IsFound(*placement.image)) continue;
    int last = AddPull(placement, record, plan);
    if (!placement.container->files().empty()) last = AddWriteFiles(placement, last, plan);
    own.push_back(last);
  }
  int last = AddPreflight(*rollout.record, placements, own, plan);
  if (NeedsResources(placements, record)) last = AddCreateResources(placements, {last}, plan);
  const std::map<std::string, int> waits = AddWaits(placements.front().host, rollout, last, plan);
  auto prepared = own.begin();
  for (const Placement& placement : placements) {
    if (!IsFound(*placement.image)) continue;
    const auto wait = waits.find(placement.app->database());
    AddChecks(placement, {wait == waits.end() ? last : wait->second, *prepared++}, plan);
  }
}

}  // namespace davit::core
