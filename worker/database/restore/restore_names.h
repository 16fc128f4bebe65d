#ifndef DAVIT_WORKER_DATABASE_RESTORE_RESTORE_NAMES_H_
#define DAVIT_WORKER_DATABASE_RESTORE_RESTORE_NAMES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// What the databases are called that a restore makes. Where that is too long for the server, NAME
// is cut and a hash of it added.
namespace davit::database {

// NAME_restoring_HASH, of a key of the restore's own: what a backup is read into. The same in
// every process.
std::string RestoringName(const std::string& database, absl::string_view key);
// All of it before HASH.
std::string RestoringPrefix(const std::string& database);
// NAME_before_TIME, to the millisecond: the old database, once another one has its place.
std::string BeforeName(const std::string& database, absl::Time now);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_RESTORE_RESTORE_NAMES_H_
