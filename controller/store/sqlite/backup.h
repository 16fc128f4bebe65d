#ifndef DAVIT_CONTROLLER_STORE_SQLITE_BACKUP_H_
#define DAVIT_CONTROLLER_STORE_SQLITE_BACKUP_H_

#include <string>

#include "absl/status/status.h"
#include "controller/store/sqlite/sqlite_store.h"

namespace davit::store {

// Copies the store in `database` as it is at one moment into the new `file` (mode
// 0600), while others may read and write it. The file appears when it is complete,
// sound and on disk, or not at all. It is marked as a copy: whoever opens it first
// makes another controller of it (see StoreIdentity).
//
//   NOT_FOUND            there is no such database
//   ALREADY_EXISTS       there is such a file
//   FAILED_PRECONDITION  a newer Davit's, another program's, or no access
//   DATA_LOSS            the database is damaged
//   RESOURCE_EXHAUSTED   DISK_FULL
//
// Of `options`, `max_pages` is the most that the file may have.
absl::Status BackupSqliteStore(const std::string& database, const std::string& file,
                               const SqliteOptions& options = {});

// Makes `database`, which must not be there yet, of a file that BackupSqliteStore
// wrote. Errors as above, the parts swapped; FAILED_PRECONDITION for a file that is
// no backup, DATA_LOSS for one that is damaged.
absl::Status RestoreSqliteStore(const std::string& file, const std::string& database,
                                const SqliteOptions& options = {});

}  // namespace davit::store

#endif  // DAVIT_CONTROLLER_STORE_SQLITE_BACKUP_H_
