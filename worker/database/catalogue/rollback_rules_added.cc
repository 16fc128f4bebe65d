#include "absl/strings/match.h"
#include "worker/database/catalogue/default_rules.h"
#include "worker/database/catalogue/rollback_rules.h"
#include "worker/database/catalogue/type_widening.h"

namespace davit::database {
namespace {

constexpr absl::string_view kMayFail = "its expression may fail for what the old code writes";
constexpr absl::string_view kStillWrites = "what the old code writes leaves its columns NULL";

// A domain's NOT NULL is the column's.
bool MayRefuse(const CatalogueChange& change) {
  const size_t check = change.domain.find("CHECK ");
  if (check == std::string::npos) return false;
  return !change.after.default_value.empty() || !PassesNulls(change.domain.substr(check));
}

Verdict OnAddedColumn(const CatalogueChange& change) {
  const CatalogueObject& column = change.after;
  const bool no_default = column.default_value.empty() || IsNullDefault(column.default_value);
  if (column.strict && no_default) return UnsafeBecause("rows that the old code inserts lack it");
  if (absl::StartsWith(column.default_value, "generated as ")) {
    if (NeverFailsAsGenerated(column.default_value)) {
      return SafeBecause("the server fills it in for the old code");
    }
    return UnknownBecause(kMayFail);
  }
  if (!NeverFailsAsDefault(column.default_value)) {
    return UnknownBecause("its default is an expression, which may fail when the old code inserts");
  }
  if (MayRefuse(change)) {
    return UnknownBecause("its domain may refuse what rows of the old code have there");
  }
  if (!no_default) return SafeBecause("rows of the old code get its default");
  return SafeBecause("the old code leaves it NULL");
}

Verdict OnAddedTable(const CatalogueChange& change) {
  if (change.asks_more_than_parent) {
    return UnknownBecause("it may refuse rows that the old code writes into its parent");
  }
  if (change.inherits_old_table) return UnknownBecause("the old code reads its rows in its parent");
  return SafeBecause("the old code does not know it");
}

Verdict OnAddedIndex(const CatalogueChange& change) {
  const CatalogueObject& index = change.after;
  if (index.expression && !NeverFails(index.definition)) {
    return UnknownBecause(kMayFail);
  }
  if (IsUnfinishedIndex(index)) return OnUnfinishedIndex(index);
  if (!index.strict) return SafeBecause("an index only makes reading faster");
  if (change.on_new_columns && !absl::StrContains(index.definition, "NULLS NOT DISTINCT")) {
    return SafeBecause(kStillWrites);
  }
  return UnsafeBecause(kNewWrites);
}

// One to a table of before may refuse a DELETE, or an UPDATE of the key, of the old code:
// of rows that rows of the newer code refer to, once there are such. It counts as safe
// nevertheless, and the reason says so: the old code runs and nothing is lost, while
// otherwise hardly a new table would be safe (frameworks give each relation one).
Verdict OnAddedForeignKey(const CatalogueChange& change) {
  if (!change.on_new_columns && !change.of_new_table) return UnsafeBecause(kNewWrites);
  if (absl::StrContains(change.after.definition, "ON DELETE CASCADE") ||
      absl::StrContains(change.after.definition, "ON DELETE SET NULL")) {
    return SafeBecause("the old code does not write its columns");
  }
  return SafeBecause(
      "the old code does not write its columns; it cannot delete what new rows refer to");
}

Verdict OnAddedConstraint(const CatalogueChange& change) {
  const CatalogueObject& added = change.after;
  switch (added.kind) {
    case ObjectKind::kForeignKey:
      return OnAddedForeignKey(change);
    case ObjectKind::kUnique:
      if (change.on_new_columns && !absl::StrContains(added.definition, "NULLS NOT DISTINCT")) {
        return SafeBecause(kStillWrites);
      }
      return UnsafeBecause(kNewWrites);
    case ObjectKind::kCheck:
      if (!change.on_new_columns) return UnsafeBecause(kNewWrites);
      if (PassesNulls(added.definition)) return SafeBecause(kStillWrites);
      return UnknownBecause("whether it lets NULLs pass is not certain");
    default:
      return UnsafeBecause(kNewWrites);
  }
}

}  // namespace

Verdict VerdictOnAdded(const CatalogueChange& change) {
  switch (change.after.kind) {
    case ObjectKind::kTable:
      return OnAddedTable(change);
    case ObjectKind::kSchema:
    case ObjectKind::kSequence:
    case ObjectKind::kView:
    case ObjectKind::kMaterializedView:
    case ObjectKind::kEnum:
    case ObjectKind::kType:
    case ObjectKind::kExtension:
    case ObjectKind::kPrivilege:
      return SafeBecause("the old code does not know it");
    case ObjectKind::kMigration:
      return SafeBecause("a migration more that is applied does not stop the old code");
    case ObjectKind::kColumn:
      return OnAddedColumn(change);
    case ObjectKind::kIndex:
      return OnAddedIndex(change);
    case ObjectKind::kPrimaryKey:
    case ObjectKind::kUnique:
    case ObjectKind::kForeignKey:
    case ObjectKind::kCheck:
    case ObjectKind::kExclusion:
      return OnAddedConstraint(change);
    case ObjectKind::kTrigger:
    case ObjectKind::kRule:
      return UnknownBecause("what it does with the old code's writes is not known");
    case ObjectKind::kPolicy:
      return UnknownBecause("it may hide rows from the old code");
    case ObjectKind::kFunction:
      return UnknownBecause("it may take the place of another in the old code's calls");
  }
  return kUnheardOf;
}

}  // namespace davit::database
