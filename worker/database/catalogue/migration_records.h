#ifndef DAVIT_WORKER_DATABASE_CATALOGUE_MIGRATION_RECORDS_H_
#define DAVIT_WORKER_DATABASE_CATALOGUE_MIGRATION_RECORDS_H_

#include "absl/status/status.h"
#include "common/call.h"
#include "worker/database/catalogue/catalogue.h"
#include "worker/database/connection/connection.h"

namespace davit::database {

// Appends to `catalogue`, for every user schema, the migrations that the tables of Django,
// Rails (and golang-migrate) and Flyway say are applied, and a gap for each such table
// that the user may not read. Within the transaction that is open.
absl::Status ReadMigrationRecords(Connection& connection, const Call& call, Catalogue& catalogue);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CATALOGUE_MIGRATION_RECORDS_H_
