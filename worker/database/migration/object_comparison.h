#ifndef DAVIT_WORKER_DATABASE_MIGRATION_OBJECT_COMPARISON_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_OBJECT_COMPARISON_H_

#include <optional>
#include <string>
#include <vector>

#include "worker/database/catalogue/catalogue.h"
#include "worker/database/migration/migration_failure.h"

namespace davit::database {

// What there is of the name that a migration found taken, held against what the migration
// wants where that is known.
struct ObjectComparison {
  // "Table customer is there, since before this migration, in 200 schemas (…), alike";
  // empty when nothing of that name is there.
  std::string sentence;
  // Of the first: a table's columns, indexes and constraints, a line each; else the
  // definition, where it can be shown.
  std::vector<std::string> lines;
  // Of the first; empty when nothing of that name is there.
  std::string schema;
  std::optional<ObjectKind> kind;
  // An index that a CREATE INDEX CONCURRENTLY which did not end has left: it serves nobody.
  bool unfinished = false;
  // Whether all of that name are what the migration wants; nullopt: not known.
  std::optional<bool> as_wanted;
  // What is not, a sentence each: "wanted, and not there: code varchar(20) NOT NULL".
  std::vector<std::string> differences;
};

// `before` and `after` are the catalogues from before the migration and after it failed,
// `wanted` is TryWanted's; null: not known. Looks in all schemas, as the server's message
// names none. A table may have more indexes and constraints than its own statement makes.
ObjectComparison CompareObject(const MigrationFailure& failure, const Catalogue& before,
                               const Catalogue& after, const Catalogue* wanted);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_OBJECT_COMPARISON_H_
