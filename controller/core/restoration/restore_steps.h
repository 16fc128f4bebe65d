#ifndef DAVIT_CONTROLLER_CORE_RESTORATION_RESTORE_STEPS_H_
#define DAVIT_CONTROLLER_CORE_RESTORATION_RESTORE_STEPS_H_

#include <string>

#include "absl/time/time.h"
#include "controller/core/plan/plan_builder.h"

// A restore is two steps: the backup is loaded while everything serves, and once the apps are
// stopped it takes the database's place.
namespace davit::core {

struct BackupToRestore {
  std::string host;  // where it lies
  worker::v1::DatabaseAccess database;
  std::string directory, file;
  std::string sha256;      // as it is on record; empty: nobody knows
  absl::Duration timeout;  // of the load
};

// The steps, without what they wait for.
NewStep LoadBackup(const BackupToRestore& backup);
// `loading_step_id`: of that backup's load.
NewStep RestoreDatabase(const BackupToRestore& backup, const std::string& loading_step_id);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_RESTORATION_RESTORE_STEPS_H_
