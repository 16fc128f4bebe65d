#ifndef DAVIT_CONTROLLER_CORE_PLAN_TASK_STEPS_H_
#define DAVIT_CONTROLLER_CORE_PLAN_TASK_STEPS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/core/plan/plan_builder.h"
#include "controller/core/plan/rollout.h"

// The tasks of what is released: commands in the new images, after the migrations and before
// anything is replaced.
namespace davit::core {

// The app's container with a task's own variables. SECRET_MISSING for a secret whose version
// the record lacks.
absl::StatusOr<worker::v1::ContainerSpec> WithTaskEnv(const state::v1::DeploymentRecord& record,
                                                      const worker::v1::ContainerSpec& service,
                                                      const std::string& app, const v1::Task& task);

// Appends them in the order of release, then of declaration, each after the one before: on
// the first host, or on all where the task wants that. SECRET_MISSING as above.
absl::Status AddTasks(const Rollout& rollout, PlanBuilder& plan);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_PLAN_TASK_STEPS_H_
