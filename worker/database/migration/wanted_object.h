#ifndef DAVIT_WORKER_DATABASE_MIGRATION_WANTED_OBJECT_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_WANTED_OBJECT_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/catalogue/catalogue.h"
#include "worker/database/connection/connection.h"
#include "worker/database/migration/wanted_statement.h"

namespace davit::database {

// What the statement makes, for CompareObject: the server makes it in a schema of its own, in a
// transaction that is undone. `schema`: where the table is that an index or constraint is for.
// It waits a second for locks at most. Errors are Connection's.
absl::StatusOr<Catalogue> TryWanted(Connection& connection, const WantedStatement& wanted,
                                    const std::string& schema, const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_WANTED_OBJECT_H_
