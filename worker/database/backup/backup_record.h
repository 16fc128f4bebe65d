#ifndef DAVIT_WORKER_DATABASE_BACKUP_BACKUP_RECORD_H_
#define DAVIT_WORKER_DATABASE_BACKUP_BACKUP_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace davit::database {

// What is kept of a backup beside it, in STEM.json for STEM.dump. Only verified
// backups have one.
struct BackupRecord {
  std::string file;      // STEM.dump, in the backups' directory
  std::string database;  // its name on the server
  std::string server;    // host and port, or the socket's directory: whose database
  std::string server_version;
  std::string tool_version;
  int64_t size_bytes = 0;
  std::string sha256;  // hexadecimal
  absl::Time started;
  absl::Duration duration;           // until verified
  std::string deployment;            // that it was made for; empty: none
  std::string project, environment;  // who made it; empty: nobody knows

  bool operator==(const BackupRecord&) const = default;
};

std::string BackupRecordJson(const BackupRecord& record);
// Nothing when it is not one of ours.
std::optional<BackupRecord> ParseBackupRecord(absl::string_view json);

// STEM: what is safe as a file's name of the database's, and the time, which sorts.
std::string BackupStem(absl::string_view database, absl::Time started);
// STEM.json for STEM.dump.
std::string BackupRecordFile(absl::string_view file);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_BACKUP_BACKUP_RECORD_H_
