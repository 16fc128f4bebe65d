#ifndef DAVIT_WORKER_SERVICE_JOURNAL_SCHEMA_H_
#define DAVIT_WORKER_SERVICE_JOURNAL_SCHEMA_H_

#include <string>

#include "absl/status/statusor.h"

namespace SQLite {
class Database;
}  // namespace SQLite

namespace davit::service {

// Locks the journal's file for as long as it is open and brings its schema up to
// date; an empty file becomes a journal. The journal's id. FAILED_PRECONDITION when
// a newer Davit wrote it. Throws SQLite::Exception.
absl::StatusOr<std::string> PrepareJournal(SQLite::Database& database);

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_JOURNAL_SCHEMA_H_
