#include "controller/core/plan/task_steps.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/core/plan/container_spec.h"
#include "controller/core/plan/secret_use.h"

namespace davit::core {
namespace {

using state::v1::DeploymentRecord;
using worker::v1::ContainerSpec;

bool OnlyWarns(const v1::Task& task) {
  return task.on_failure().empty() ? task.each_host() : task.on_failure() == "warn";
}

absl::StatusOr<NewStep> TaskStep(const DeploymentRecord& record, const Placement& placement,
                                 const v1::Task& task, const std::string& step_id) {
  absl::StatusOr<ContainerSpec> container =
      WithTaskEnv(record, *placement.container, placement.release->app(), task);
  if (!container.ok()) return container.status();
  const std::string title = absl::StrCat("run task ", task.name());
  NewStep step = StepFor(placement, v1::DATABASE, {});
  step.title = absl::StrCat(title, " of ", NewVersion(placement));
  step.warn_only = OnlyWarns(task);
  worker::v1::RunOneOff& run = *step.spec.mutable_run_one_off();
  *run.mutable_container() = OneOffOf(*container, task.command(), step_id);
  run.set_title(title);
  run.set_failure_code(v1::TASK_FAILED);
  *run.mutable_timeout() = task.timeout();
  *run.mutable_succeed_on() = task.succeed_on();
  return step;
}

// Adds tasks so that each waits for the one before, on whatever host that ran.
class TaskChain {
 public:
  TaskChain(const Rollout& rollout, PlanBuilder& plan) : rollout_(rollout), plan_(plan) {}

  // `app`: index of the app in the order of release.
  absl::Status Add(size_t app, const v1::Task& task) {
    const size_t hosts = task.each_host() ? rollout_.placements.size() : 1;
    if (hosts != 1 || hosts_before_ != 1) {
      plan_.NextWave();
      after_.clear();
    }
    hosts_before_ = hosts;
    for (size_t host = 0; host < hosts; ++host) {
      absl::StatusOr<NewStep> step =
          TaskStep(*rollout_.record, rollout_.placements[host].at(app), task, plan_.NextId());
      if (!step.ok()) return step.status();
      step->after = after_;
      const int index = plan_.Add(*std::move(step));
      if (hosts == 1) after_ = {index};
    }
    return absl::OkStatus();
  }

 private:
  const Rollout& rollout_;
  PlanBuilder& plan_;
  size_t hosts_before_ = 0;  // none: the first task begins a wave
  std::vector<int> after_;
};

void Override(const std::string& name, ContainerSpec& container) {
  container.mutable_env()->erase(name);
  container.mutable_secret_env()->erase(name);
}

}  // namespace

absl::StatusOr<ContainerSpec> WithTaskEnv(const DeploymentRecord& record,
                                          const ContainerSpec& service, const std::string& app,
                                          const v1::Task& task) {
  ContainerSpec container = service;
  for (const auto& [name, value] : task.env().clear()) {
    Override(name, container);
    (*container.mutable_env())[name] = value;
  }
  for (const auto& [name, secret] : task.env().secret()) {
    const worker::v1::SecretUse* use = FindSecret(record, secret);
    if (use == nullptr) {
      return SecretMissing(record, secret,
                           absl::StrCat("apps.", app, ".tasks.", task.name(), ".env.secret"));
    }
    Override(name, container);
    (*container.mutable_secret_env())[name] = *use;
  }
  return container;
}

absl::Status AddTasks(const Rollout& rollout, PlanBuilder& plan) {
  TaskChain chain(rollout, plan);
  const std::vector<Placement>& apps = rollout.placements.front();
  for (size_t app = 0; app < apps.size(); ++app) {
    for (const v1::Task& task : apps[app].app->tasks()) {
      if (absl::Status status = chain.Add(app, task); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace davit::core
