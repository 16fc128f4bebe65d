#ifndef DAVIT_CONTROLLER_STORE_SQLITE_SCHEMA_H_
#define DAVIT_CONTROLLER_STORE_SQLITE_SCHEMA_H_

#include "absl/status/status.h"
#include "controller/store/sqlite/connection.h"

namespace davit::store {

// Number of the schema that this program writes.
int SchemaVersion();

// Brings the database to SchemaVersion(), under its write lock, so that two
// processes that open it at once do it once. FAILED_PRECONDITION when it was
// written by a newer Davit or is another program's. May throw SQLite::Exception.
absl::Status MigrateSchema(Connection& connection);

}  // namespace davit::store

#endif  // DAVIT_CONTROLLER_STORE_SQLITE_SCHEMA_H_
