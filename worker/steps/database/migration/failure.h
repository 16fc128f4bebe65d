#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATION_FAILURE_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATION_FAILURE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "davit/v1/deployment.pb.h"
#include "davit/v1/failure.pb.h"
#include "worker/database/catalogue/catalogue.h"
#include "worker/database/migration/error_line.h"
#include "worker/database/migration/migration_failure.h"
#include "worker/database/migration/migration_rest.h"

namespace davit::steps {

// How a migration that did not succeed ended, all that is known of it.
struct FailedMigration {
  v1::Failure failure;                                   // as its one-off's run says
  std::optional<database::MigrationFailure> recognized;  // from its output
  // Where nothing is: the line that is an error by its form, and else its last line.
  std::optional<database::ErrorLine> error_line;
  std::string last_line;
  std::vector<std::string> lock_holders;  // a sentence each
  database::Catalogue before, after;
  std::optional<database::Catalogue> wanted;    // what it wanted to make: TryWanted's
  std::optional<database::MigrationRest> rest;  // of a duplicate: what else was wanted
  v1::Migration migration;                      // what is different
};

// What a person is told: what was recognised with its cause and ways out, or the line that says
// why, how the object
// that was in the way looks, who holds the lock, and what the migration has left. Pure.
v1::Failure ExplainFailedMigration(const FailedMigration& failed);

// Whether it is about locks, so that their holders explain it.
bool IsAboutLocks(const std::optional<database::MigrationFailure>& recognized);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATION_FAILURE_H_
