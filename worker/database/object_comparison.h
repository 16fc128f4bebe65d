#ifndef DAVIT_WORKER_DATABASE_OBJECT_COMPARISON_H_
#define DAVIT_WORKER_DATABASE_OBJECT_COMPARISON_H_

#include <string>
#include <vector>

#include "worker/database/catalogue.h"
#include "worker/database/migration_failure.h"

namespace davit::database {

// What there is of the name that a migration found taken, for a person to compare with
// what the migration wants.
struct ObjectComparison {
  // "Table customer is there, since before this migration, in 200 schemas (…), alike";
  // empty when nothing of that name is there.
  std::string sentence;
  // Of the first: a table's columns, indexes and constraints, a line each; else the
  // definition.
  std::vector<std::string> lines;
};

// `before` and `after` are the catalogues from before the migration and after it failed.
// Looks in all schemas, as the server's message names none.
ObjectComparison CompareObject(const MigrationFailure& failure, const Catalogue& before,
                               const Catalogue& after);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_OBJECT_COMPARISON_H_
