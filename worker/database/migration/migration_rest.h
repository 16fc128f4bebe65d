#ifndef DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_REST_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_REST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/call.h"
#include "worker/database/catalogue/catalogue.h"
#include "worker/database/connection/connection.h"
#include "worker/database/migration/migration_failure.h"

namespace davit::database {

// What a migration does beside making what it found there already: whether that is done too.
struct MigrationRest {
  std::vector<std::string> missing;  // "column colour of tenants_tenant"
  std::vector<std::string> unknown;  // statements whose work nobody can look up
  bool IsDone() const { return missing.empty() && unknown.empty(); }
};

// `script`: all of the migration's statements; `after`: what there is; `schema`: where. A foreign
// key counts as there by its name. Of long scripts only the beginning is looked up.
MigrationRest LookUpRest(Connection& connection, absl::string_view script,
                         const MigrationFailure& failure, const Catalogue& after,
                         const std::string& schema, const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_REST_H_
