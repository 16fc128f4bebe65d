#ifndef DAVIT_WORKER_DATABASE_MIGRATION_WANTED_STATEMENT_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_WANTED_STATEMENT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "worker/database/migration/migration_failure.h"

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

// Whether it makes what `failure` says is there already.
bool MakesWhatIsThere(const WantedStatement& statement, const MigrationFailure& failure);

// Whether TryWanted can run it beside what serves.
bool CanBeTried(const WantedStatement& statement);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_WANTED_STATEMENT_H_
