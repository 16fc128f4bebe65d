#ifndef DAVIT_WORKER_DATABASE_WANTED_OBJECT_H_
#define DAVIT_WORKER_DATABASE_WANTED_OBJECT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/call.h"
#include "worker/database/catalogue.h"
#include "worker/database/connection.h"
#include "worker/database/migration_failure.h"

namespace davit::database {

// A statement by which a migration makes an object, taken apart.
struct WantedStatement {
  enum class Kind { kTable, kColumn, kIndex, kConstraint };
  Kind kind = Kind::kTable;
  std::string table;  // that it belongs to; its own name where it is one
  std::string name;
  bool unique = false;  // of an index
  std::string rest;     // behind the name, of an index: behind the table
  // What is done to a column afterwards, behind its name: "DROP DEFAULT".
  std::vector<std::string> later;
};

// The last statement in `text`, a migration's output or script, that makes what `failure` says
// is there already. nullopt: there is none, or it cannot be tried beside what serves: a foreign
// key would lock the table that it refers to.
std::optional<WantedStatement> FindWanted(absl::string_view text, const MigrationFailure& failure);

// What the statement makes, for CompareObject: the server makes it in a schema of its own, in a
// transaction that is undone. `schema`: where the table is that an index or constraint is for.
// It waits a second for locks at most. Errors are Connection's.
absl::StatusOr<Catalogue> TryWanted(Connection& connection, const WantedStatement& wanted,
                                    const std::string& schema, const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_WANTED_OBJECT_H_
