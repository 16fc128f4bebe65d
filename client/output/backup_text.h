#ifndef DAVIT_CLIENT_OUTPUT_BACKUP_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_BACKUP_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "davit/v1/database_service.pb.h"

namespace davit::output {

// The file's name, as `davit restore` takes it.
std::string BackupFile(const v1::Backup& backup);

// What `davit backups` shows: a line a backup, then where they lie and what cannot be restored.
// `options` lead a later command to the same place.
std::string BackupListText(const v1::ListBackupsResponse& backups, absl::string_view options,
                           absl::Time now, absl::TimeZone zone, int width);

// What is to be put in the place of `database`, and what is lost with it: whoever confirms
// a restore has read this.
std::string RestoreText(const v1::Backup& backup, const std::string& database, absl::Time now,
                        absl::TimeZone zone, int width);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_BACKUP_TEXT_H_
