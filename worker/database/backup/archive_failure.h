#ifndef DAVIT_WORKER_DATABASE_BACKUP_ARCHIVE_FAILURE_H_
#define DAVIT_WORKER_DATABASE_BACKUP_ARCHIVE_FAILURE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace davit::database {

// Why a backup or a restore did not come to its end.
enum class ArchiveReason {
  kToolMissing,      // no pg_dump and pg_restore at all
  kToolTooOld,       // only those of an older version than the server's
  kToolFailed,       // one of them exited with an error
  kToolKilled,       // a signal ended one of them
  kDirectory,        // the backups' directory cannot be used
  kDiskFull,         // where the backup or the database lies
  kArchiveMissing,   // there is no such backup
  kArchiveDamaged,   // cannot be read to its end, or is not what was recorded
  kRights,           // the role may not do what is needed
  kDatabaseMissing,  // there is none of that name to put the restored one in place of
  kServer,           // the server refused a statement
  kSessions,         // those that use the database do not end
  kHeld,             // what lies in the database keeps it from being replaced
  kBusy,             // another restore of the same database is under way
  kLoadedGone,       // what was loaded for a restore is not there any more
  kOutcomeUnknown,   // the connection was lost when it mattered
  kTimedOut,
  kCancelled,
};

// For people: what and why, what was seen, what to do. Has no passwords.
struct ArchiveFailure {
  ArchiveReason reason = ArchiveReason::kToolFailed;
  std::string sentence;
  std::string evidence;  // the tool's or the server's own words; may be empty
  std::string advice;    // may be empty
};

// The message is the sentence, with the evidence; the whole failure goes along.
absl::Status ArchiveFailureStatus(const ArchiveFailure& failure);

// Nothing when the status is OK or from elsewhere.
std::optional<ArchiveFailure> ArchiveFailureOf(const absl::Status& status);
// Whether it is one of that reason.
bool IsArchiveFailure(const absl::Status& status, ArchiveReason reason);

// Of a file operation: what could not be done, and the reason for `error` (errno).
absl::Status ArchiveFileFailure(absl::string_view what, int error);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_BACKUP_ARCHIVE_FAILURE_H_
