#ifndef DAVIT_CONTROLLER_UPKEEP_UPKEEP_H_
#define DAVIT_CONTROLLER_UPKEEP_UPKEEP_H_

#include <string>

#include "absl/status/status.h"
#include "davit/config/v1/config.pb.h"

// The verbs of the controller's daemon. Each says in the log what it has done, and what is
// left for whoever called it. Root may call them: what they make is then its whose directory
// the records are in.
namespace davit {

// Copies the records into the new `file`, also while they are served. Errors of
// store::BackupSqliteStore.
absl::Status Backup(const config::v1::ControllerConfig& config, const std::string& file);

// Makes the records, which must not exist, of a copy. Errors of store::RestoreSqliteStore.
absl::Status Restore(const config::v1::ControllerConfig& config, const std::string& file);

// Seals all secrets under the key in `new_key_file`. ALREADY_EXISTS while the records are
// served; NOT_FOUND when there are none; errors of secrets::Rekey.
absl::Status Rekey(const config::v1::ControllerConfig& config, const std::string& new_key_file);

}  // namespace davit

#endif  // DAVIT_CONTROLLER_UPKEEP_UPKEEP_H_
