#ifndef DAVIT_CONTROLLER_EXECUTOR_RESTORATION_BACKUPS_H_
#define DAVIT_CONTROLLER_EXECUTOR_RESTORATION_BACKUPS_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "controller/fleet/fleet.h"
#include "davit/state/v1/state.pb.h"

namespace davit::executor {

// Whether the backups that a rollback puts in databases' places are on their hosts, whole:
// asked before anything is begun, since apps are stopped before a backup is read. OK for a
// deployment that puts none. SCHEMA_NOT_SAFE with those that are gone; HOST_UNREACHABLE.
// Blocks until `deadline` at most.
absl::Status CheckBackupsThere(const fleet::Fleet& fleet, const state::v1::DeploymentRecord& record,
                               absl::Time deadline);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_RESTORATION_BACKUPS_H_
