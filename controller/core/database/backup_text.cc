#include "controller/core/database/backup_text.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "controller/core/proto_time.h"

namespace davit::core {

std::string BackupTime(const v1::Backup& backup) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", FromProto(backup.start_time()),
                          absl::UTCTimeZone());
}

std::string BackupText(const v1::Backup& backup) {
  return absl::StrCat(backup.path(), " on ", backup.host(), ", of ", BackupTime(backup));
}

std::string BackupDirectory(const v1::Backup& backup) {
  return backup.path().substr(0, std::max<size_t>(backup.path().rfind('/'), 1));
}

std::string BackupFile(const v1::Backup& backup) {
  return backup.path().substr(backup.path().rfind('/') + 1);
}

}  // namespace davit::core
