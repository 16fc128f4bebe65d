#ifndef DAVIT_CONTROLLER_EXECUTOR_TAKING_H_
#define DAVIT_CONTROLLER_EXECUTOR_TAKING_H_

#include "davit/state/v1/state.pb.h"

// What deployments have taken back that others had migrated.
namespace davit::executor {

// How a step that does so went with its database.
enum class Taking { kNone, kUnsure, kDone };

// A backup is in its place or it is not: a restore that has failed has changed nothing. Of a
// command that has failed nobody knows how far it came.
Taking TakingOf(const state::v1::StepRecord& step);

// Whether the deployment may have taken something back: a rollback with a command or a backup, or a
// restore by hand.
bool MayTakeBack(const state::v1::DeploymentRecord& record);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_TAKING_H_
