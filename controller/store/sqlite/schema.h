#ifndef DAVIT_CONTROLLER_STORE_SQLITE_SCHEMA_H_
#define DAVIT_CONTROLLER_STORE_SQLITE_SCHEMA_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/store/sqlite/connection.h"

namespace davit::store {

// Number of the schema that this program writes.
int SchemaVersion();

// The schema that the database has; 0: it is empty. FAILED_PRECONDITION when it was
// written by a newer Davit or is another program's. May throw SQLite::Exception.
absl::StatusOr<int64_t> ReadSchemaVersion(Connection& connection);

// Brings the database to SchemaVersion(), and gives it an identity of its own where
// it is a copy, under its write lock, so that two processes that open it at once do
// it once. Errors as above.
absl::Status MigrateSchema(Connection& connection);

}  // namespace davit::store

#endif  // DAVIT_CONTROLLER_STORE_SQLITE_SCHEMA_H_
