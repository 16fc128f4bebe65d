// The steps of one app on one host, and of one host.
#include "absl/strings/str_cat.h"
#include "controller/core/names.h"
#include "controller/core/plan/rollout.h"
#include "controller/core/plan/step_timeout.h"
#include "controller/core/proto_time.h"

namespace davit::core {
namespace {

constexpr int kDefaultRetain = 5;  // davit.yaml's

std::string ServingTitle(const Placement& placement) {
  if (placement.before.serving_release > 0) {
    return AppVersion(placement.release->app(), placement.before.serving_release);
  }
  return absl::StrCat("container ", placement.before.serving->name());
}

int AddStop(const Placement& placement, const worker::v1::ObservedContainer& container,
            const std::string& title, std::vector<int> after, PlanBuilder& plan) {
  NewStep step = StepFor(placement, v1::RELEASE, std::move(after));
  step.title = title;
  worker::v1::StopContainer& stop = *step.spec.mutable_stop_container();
  stop.set_container_id(container.id());
  *stop.mutable_grace_period() =
      container.has_stop_timeout() ? container.stop_timeout() : ToProto(kDefaultStopGrace);
  step.inverse.stopped = &container;
  const bool serves = &container == placement.before.serving;
  step.inverse.record = serves ? placement.before.serving_record : nullptr;
  return plan.Add(std::move(step));
}

int AddSwitch(const Placement& placement, const std::string& deployment_id,
              const std::string& candidate, int after, PlanBuilder& plan) {
  NewStep step = StepFor(placement, v1::RELEASE, {after});
  step.title = absl::StrCat("make ", NewVersion(placement), " the one that serves");
  const std::string& service_name = placement.container->service_name();
  worker::v1::SwitchName& names = *step.spec.mutable_switch_name();
  // One that Docker removes when it stops is gone by now.
  const worker::v1::ObservedContainer* serving = placement.before.serving;
  if (serving != nullptr && !serving->auto_remove()) {
    worker::v1::Rename& old = *names.add_renames();
    old.set_from(serving->name());
    old.set_to(ReplacedName(service_name, deployment_id));
    old.set_container_id(serving->id());
  }
  worker::v1::Rename& fresh = *names.add_renames();
  fresh.set_from(candidate);
  fresh.set_to(service_name);
  return plan.Add(std::move(step));
}

// What is confirmed without a policy: to set `no` would change nothing, and is how a policy is
// taken back, which must go well also where the container has ended.
int AddLastLook(const Placement& placement, std::vector<int> after, PlanBuilder& plan) {
  NewStep step = StepFor(placement, v1::CONFIRM, std::move(after));
  step.title = absl::StrCat("check that ", NewVersion(placement), " still serves");
  worker::v1::CheckHealth& look = *step.spec.mutable_check_health();
  look.set_container(placement.container->service_name());
  *look.mutable_healthcheck() = placement.app->healthcheck();
  // It has been healthy for long enough before.
  look.mutable_healthcheck()->clear_start_delay();
  look.mutable_healthcheck()->clear_successes();
  return plan.Add(std::move(step));
}

}  // namespace

NewStep StepFor(const Placement& placement, v1::Phase phase, std::vector<int> after) {
  return {.phase = phase,
          .host = placement.host,
          .app = placement.release->app(),
          .after = std::move(after)};
}

std::string NewVersion(const Placement& placement) {
  return AppVersion(placement.release->app(), placement.release->number());
}

// A stopped one is in nobody's way.
std::vector<const worker::v1::ObservedContainer*> RunningLeftovers(const Placement& placement) {
  std::vector<const worker::v1::ObservedContainer*> running;
  for (const worker::v1::ObservedContainer* leftover : placement.before.leftovers) {
    if (IsUp(*leftover)) running.push_back(leftover);
  }
  return running;
}

int AddReplacement(const Placement& placement, const std::string& deployment_id,
                   std::vector<int> after, PlanBuilder& plan) {
  for (const auto* leftover : RunningLeftovers(placement)) {
    if (placement.stopped) break;
    after = {AddStop(placement, *leftover, absl::StrCat("stop leftover ", leftover->name()),
                     std::move(after), plan)};
  }
  if (placement.before.serving != nullptr && !placement.stopped) {
    after = {AddStop(placement, *placement.before.serving,
                     absl::StrCat("stop ", ServingTitle(placement)), std::move(after), plan)};
  }
  const std::string candidate = CandidateName(plan.NextId());
  NewStep start = StepFor(placement, v1::RELEASE, std::move(after));
  start.title = absl::StrCat("start ", NewVersion(placement));
  *start.spec.mutable_start_container()->mutable_container() = *placement.container;
  start.spec.mutable_start_container()->set_candidate_name(candidate);
  const int started = plan.Add(std::move(start));

  NewStep check = StepFor(placement, v1::RELEASE, {started});
  check.title = absl::StrCat("check health of ", NewVersion(placement));
  check.spec.mutable_check_health()->set_container(candidate);
  *check.spec.mutable_check_health()->mutable_healthcheck() = placement.app->healthcheck();
  return AddSwitch(placement, deployment_id, candidate, plan.Add(std::move(check)), plan);
}

int AddConfirmation(const Placement& placement, std::vector<int> after, PlanBuilder& plan) {
  if (placement.container->restart_policy() == "no") {
    return AddLastLook(placement, std::move(after), plan);
  }
  NewStep step = StepFor(placement, v1::CONFIRM, std::move(after));
  step.title = absl::StrCat("set restart policy of ", NewVersion(placement));
  worker::v1::SetRestartPolicy& policy = *step.spec.mutable_set_restart_policy();
  policy.set_container(placement.container->service_name());
  policy.set_policy(placement.container->restart_policy());
  return plan.Add(std::move(step));
}

int AddPrune(const Placement& placement, const state::v1::DeploymentRecord& record,
             std::vector<int> after, PlanBuilder& plan) {
  const v1::Release& release = *placement.release;
  NewStep step = StepFor(placement, v1::CONFIRM, std::move(after));
  step.title = absl::StrCat("clear up after ", release.app());
  step.warn_only = true;
  worker::v1::Prune& prune = *step.spec.mutable_prune();
  // One that was started by hand stays, stopped: what it holds is not ours to throw away.
  if (placement.before.serving_release > 0) {
    prune.add_container_ids(placement.before.serving->id());
  }
  for (const auto* leftover : placement.before.leftovers) prune.add_container_ids(leftover->id());
  prune.set_keep_repository(
      KeepRepository(release.project(), release.environment(), release.app()));
  prune.set_files_directory(FilesOf(release.project(), release.environment(), release.app()));
  prune.add_keep_tags(KeepTag(release.number()));
  prune.add_keep_releases(release.number());
  const auto kept = record.kept().find(release.app());
  if (kept == record.kept().end()) return plan.Add(std::move(step));
  const int retain = placement.app->retain() > 0 ? placement.app->retain() : kDefaultRetain;
  for (const int64_t number : kept->second.numbers()) {
    if (prune.keep_tags_size() >= retain) break;
    if (number == release.number()) continue;
    prune.add_keep_tags(KeepTag(number));
    prune.add_keep_releases(number);
  }
  return plan.Add(std::move(step));
}

}  // namespace davit::core
