#include "worker/database/migration/migration_rest.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "worker/database/migration/object_comparison.h"
#include "worker/database/migration/wanted_object.h"
#include "worker/database/migration/wanted_script.h"

namespace davit::database {
namespace {

using Wanted = WantedStatement::Kind;

// Each is a transaction, and reads the schema.
constexpr size_t kMostLookedUp = 12;

// As if the statement had found its object there already.
MigrationFailure AsDuplicate(const WantedStatement& statement) {
  MigrationFailure failure;
  failure.object = statement.name;
  failure.table = statement.table;
  switch (statement.kind) {
    case Wanted::kTable:
      failure.kind = MigrationFailureKind::kDuplicateTable;
      failure.table.clear();
      break;
    case Wanted::kIndex:
      failure.kind = MigrationFailureKind::kDuplicateIndex;
      break;
    case Wanted::kColumn:
      failure.kind = MigrationFailureKind::kDuplicateColumn;
      break;
    case Wanted::kConstraint:
      failure.kind = MigrationFailureKind::kDuplicateConstraint;
      break;
  }
  return failure;
}

std::string WantedName(const WantedStatement& statement) {
  switch (statement.kind) {
    case Wanted::kTable:
      return absl::StrCat("table ", statement.name);
    case Wanted::kIndex:
      return absl::StrCat("index ", statement.name, " of ", statement.table);
    case Wanted::kColumn:
      return absl::StrCat("column ", statement.name, " of ", statement.table);
    case Wanted::kConstraint:
      break;
  }
  return absl::StrCat("constraint ", statement.name, " of ", statement.table);
}

class RestLookup {
 public:
  RestLookup(Connection& connection, const Catalogue& after, const std::string& schema,
             const Call& call)
      : connection_(connection), after_(after), schema_(schema), call_(call) {}

  void Add(const WantedStatement& statement, MigrationRest& rest) const {
    const MigrationFailure duplicate = AsDuplicate(statement);
    const ObjectComparison there = CompareObject(duplicate, after_, after_, nullptr);
    const std::string name = WantedName(statement);
    if (there.sentence.empty()) {
      rest.missing.push_back(name);
    } else if (there.kind != ObjectKind::kForeignKey) {
      const std::optional<bool> as_wanted = IsAsWanted(statement, duplicate);
      if (!as_wanted.has_value()) rest.unknown.push_back(name);
      if (as_wanted == false) rest.missing.push_back(absl::StrCat(name, " (it is another one)"));
    }
  }

 private:
  std::optional<bool> IsAsWanted(const WantedStatement& statement,
                                 const MigrationFailure& duplicate) const {
    if (!CanBeTried(statement)) return std::nullopt;
    const auto made = TryWanted(connection_, statement, schema_, call_);
    if (!made.ok()) return std::nullopt;
    return CompareObject(duplicate, after_, after_, &*made).as_wanted;
  }

  Connection& connection_;
  const Catalogue& after_;
  const std::string& schema_;
  const Call& call_;
};

}  // namespace

MigrationRest LookUpRest(Connection& connection, absl::string_view script,
                         const MigrationFailure& failure, const Catalogue& after,
                         const std::string& schema, const Call& call) {
  const WantedScript wanted = ReadWantedScript(script);
  const RestLookup lookup(connection, after, schema, call);
  MigrationRest rest;
  rest.unknown = wanted.others;
  size_t looked_up = 0;
  for (const WantedStatement& statement : wanted.makes) {
    if (MakesWhatIsThere(statement, failure)) continue;
    if (++looked_up <= kMostLookedUp) {
      lookup.Add(statement, rest);
    } else {
      rest.unknown.push_back(WantedName(statement));
    }
  }
  return rest;
}

}  // namespace davit::database
