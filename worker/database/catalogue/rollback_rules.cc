#include "worker/database/catalogue/rollback_rules.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/database/catalogue/default_rules.h"
#include "worker/database/catalogue/type_widening.h"

namespace davit::database {
namespace {

Verdict OnChangedColumn(const CatalogueChange& change) {
  const CatalogueObject& before = change.before;
  const CatalogueObject& after = change.after;
  switch (change.part) {
    case ChangedPart::kDefinition:
      if (IsWidening(before.definition, after.definition)) {
        return SafeBecause("every old value is one of the new type");
      }
      if (IsWiderInteger(before.definition, after.definition)) {
        return UnknownBecause("the old code may read it by the width that it had");
      }
      return UnsafeBecause("the old code expects the type that it had");
    case ChangedPart::kStrictness:
      if (after.strict) return UnsafeBecause("the old code may write NULL there");
      return SafeBecause("the old code writes values; it may meet NULLs of the new one");
    default:
      if (before.default_value.empty()) {
        if (absl::StartsWith(after.default_value, "identity always") ||
            absl::StartsWith(after.default_value, "generated")) {
          return UnsafeBecause("the old code may write it, and may no longer");
        }
        if (!NeverFailsAsDefault(after.default_value)) {
          return UnknownBecause("the default is an expression, which may fail");
        }
        return SafeBecause("the old code's values still count");
      }
      if (after.default_value.empty() && after.strict) {
        return UnsafeBecause("rows that the old code inserts may lack it");
      }
      return UnknownBecause("the old code may count on the default that it had");
  }
}

Verdict OnChangedIndex(const CatalogueChange& change) {
  if (IsUnfinishedIndex(change.after)) return OnUnfinishedIndex(change.after);
  if (change.part == ChangedPart::kStrictness && change.after.strict) {
    return UnsafeBecause(kNewWrites);
  }
  if (change.before.strict || change.after.strict || change.after.expression) {
    return UnknownBecause("the old code may count on it, or fail on it");
  }
  return SafeBecause("an index only makes reading faster");
}

Verdict OnChangedConstraint(const CatalogueChange& change) {
  if (change.before.definition == absl::StrCat(change.after.definition, " NOT VALID")) {
    return SafeBecause("what it asks of new rows is the same");
  }
  return UnknownBecause("it may ask more than before");
}

}  // namespace

Verdict OnUnfinishedIndex(const CatalogueObject& index) {
  if (!index.strict) return SafeBecause("it is invalid, not finished, and makes nothing faster");
  return UnsafeBecause("it is invalid, not finished, and may refuse what the old code writes");
}

Verdict VerdictOnRemoved(const CatalogueObject& removed) {
  switch (removed.kind) {
    case ObjectKind::kSchema:
    case ObjectKind::kTable:
    case ObjectKind::kColumn:
      return UnsafeBecause("the old code asks for it, and its data are gone");
    case ObjectKind::kSequence:
    case ObjectKind::kView:
    case ObjectKind::kMaterializedView:
    case ObjectKind::kEnum:
    case ObjectKind::kType:
    case ObjectKind::kFunction:
    case ObjectKind::kExtension:
    case ObjectKind::kPrivilege:
      return UnsafeBecause("the old code may ask for it");
    case ObjectKind::kIndex:
      if (!removed.strict) return SafeBecause("the old code may be slower without it");
      [[fallthrough]];
    case ObjectKind::kPrimaryKey:
    case ObjectKind::kUnique:
    case ObjectKind::kExclusion:
      return UnknownBecause("ON CONFLICT of the old code may name it");
    case ObjectKind::kForeignKey:
      if (absl::StrContains(removed.definition, "ON DELETE ") ||
          absl::StrContains(removed.definition, "ON UPDATE ")) {
        return UnknownBecause("the old code may count on its ON DELETE or ON UPDATE");
      }
      return SafeBecause("the old code keeps to it by itself or was refused; nothing refuses more");
    case ObjectKind::kCheck:
      return SafeBecause("nothing refuses more than before");
    case ObjectKind::kTrigger:
    case ObjectKind::kRule:
    case ObjectKind::kPolicy:
      return UnknownBecause("the old code may count on what it does");
    case ObjectKind::kMigration:
      return UnknownBecause("the old code may think that it is still to be applied");
  }
  return kUnheardOf;
}

Verdict VerdictOnRenamed(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kIndex:
      return SafeBecause("nothing asks for an index by its name");
    case ObjectKind::kPrimaryKey:
    case ObjectKind::kUnique:
    case ObjectKind::kForeignKey:
    case ObjectKind::kCheck:
    case ObjectKind::kExclusion:
      return UnknownBecause("the old code may know its name, in ON CONFLICT or in errors");
    default:
      return UnsafeBecause("the old code asks for it by its old name");
  }
}

Verdict VerdictOnChanged(const CatalogueChange& change) {
  switch (change.after.kind) {
    case ObjectKind::kColumn:
      return OnChangedColumn(change);
    case ObjectKind::kIndex:
      return OnChangedIndex(change);
    case ObjectKind::kPrimaryKey:
    case ObjectKind::kUnique:
    case ObjectKind::kForeignKey:
    case ObjectKind::kCheck:
    case ObjectKind::kExclusion:
      return OnChangedConstraint(change);
    case ObjectKind::kEnum:
      if (AddsEnumValuesOnly(change.before.definition, change.after.definition)) {
        return SafeBecause("the old values are still there; the old code may meet new ones");
      }
      return UnsafeBecause("a value that the old code writes is gone");
    case ObjectKind::kMigration:
      if (change.after.table == "ar_internal_metadata") {
        return SafeBecause("Rails' notes on the schema do not stop the old code");
      }
      return UnknownBecause("the record of a migration that was applied is another");
    default:
      return UnknownBecause("what it does now is not known");
  }
}

}  // namespace davit::database
