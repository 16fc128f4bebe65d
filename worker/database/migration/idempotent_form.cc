#include "worker/database/migration/idempotent_form.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace davit::database {
namespace {

using Duplicate = MigrationFailureKind;

std::string OrWord(absl::string_view name, absl::string_view word) {
  return std::string(name.empty() ? word : name);
}

// The statement that does nothing where the object is there, by what it turned out to be.
std::string IdempotentByKind(ObjectKind kind, const std::string& object, const std::string& table) {
  switch (kind) {
    case ObjectKind::kTable:
    case ObjectKind::kIndex:
    case ObjectKind::kSequence:
    case ObjectKind::kMaterializedView:
    case ObjectKind::kSchema:
    case ObjectKind::kExtension:
      return absl::StrCat("CREATE ", absl::AsciiStrToUpper(KindName(kind)), " IF NOT EXISTS ",
                          object, " …");
    case ObjectKind::kView:
    case ObjectKind::kFunction:
      return absl::StrCat("CREATE OR REPLACE ", absl::AsciiStrToUpper(KindName(kind)), " ", object,
                          " …");
    case ObjectKind::kColumn:
      return absl::StrCat("ALTER TABLE ", table, " ADD COLUMN IF NOT EXISTS ", object, " …");
    case ObjectKind::kPrimaryKey:
    case ObjectKind::kUnique:
    case ObjectKind::kForeignKey:
    case ObjectKind::kCheck:
    case ObjectKind::kExclusion:
      return absl::StrCat("ALTER TABLE ", table, " DROP CONSTRAINT IF EXISTS ", object,
                          ", before it is added");
    case ObjectKind::kTrigger:
    case ObjectKind::kPolicy:
    case ObjectKind::kRule:
      return absl::StrCat("DROP ", absl::AsciiStrToUpper(KindName(kind)), " IF EXISTS ", object,
                          " ON ", table, ", before it is created");
    default:
      return absl::StrCat("CREATE … IF NOT EXISTS ", object,
                          " where there is such a form, else DROP … IF EXISTS before");
  }
}

// What it is by the server's message alone.
std::optional<ObjectKind> KindByMessage(MigrationFailureKind kind) {
  switch (kind) {
    case Duplicate::kDuplicateTable:
      return ObjectKind::kTable;
    case Duplicate::kDuplicateColumn:
      return ObjectKind::kColumn;
    case Duplicate::kDuplicateIndex:
      return ObjectKind::kIndex;
    case Duplicate::kDuplicateConstraint:
      return ObjectKind::kCheck;
    default:
      return std::nullopt;
  }
}

std::string IdempotentStatement(const MigrationFailure& failure, ObjectKind kind) {
  return IdempotentByKind(kind, OrWord(failure.object, "NAME"), OrWord(failure.table, "TABLE"));
}

std::string RailsForm(const MigrationFailure& failure, ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kTable:
      return absl::StrCat("`create_table :", OrWord(failure.object, "NAME"),
                          ", if_not_exists: true`");
    case ObjectKind::kColumn:
      return absl::StrCat("`add_column :", OrWord(failure.table, "TABLE"),
                          ", :", OrWord(failure.object, "NAME"), ", …, if_not_exists: true`");
    case ObjectKind::kIndex:
      return absl::StrCat("`add_index …, name: \"", OrWord(failure.object, "NAME"),
                          "\", if_not_exists: true`");
    default:
      return absl::StrCat("`execute` with ", IdempotentStatement(failure, kind));
  }
}

}  // namespace

std::string IdempotentForm(const MigrationFailure& failure, std::optional<ObjectKind> found) {
  const ObjectKind kind =
      found.value_or(KindByMessage(failure.kind).value_or(ObjectKind::kMigration));
  switch (failure.framework) {
    case MigrationFramework::kDjango:
      return absl::StrCat("SeparateDatabaseAndState with RunSQL(\"",
                          IdempotentStatement(failure, kind), "\")");
    case MigrationFramework::kRails:
      return RailsForm(failure, kind);
    default:
      return IdempotentStatement(failure, kind);
  }
}

}  // namespace davit::database
