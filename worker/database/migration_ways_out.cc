#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "worker/database/migration_advice.h"

namespace davit::database {
namespace {

using Kind = MigrationFailureKind;

std::string OrWord(absl::string_view name, absl::string_view word) {
  return std::string(name.empty() ? word : name);
}

// The statement that does nothing where the object is there.
std::string IdempotentStatement(const MigrationFailure& failure) {
  const std::string object = OrWord(failure.object, "NAME");
  const std::string table = OrWord(failure.table, "TABLE");
  switch (failure.kind) {
    case Kind::kDuplicateTable:
      return absl::StrCat("CREATE TABLE IF NOT EXISTS ", object, " …");
    case Kind::kDuplicateColumn:
      return absl::StrCat("ALTER TABLE ", table, " ADD COLUMN IF NOT EXISTS ", object, " …");
    case Kind::kDuplicateIndex:
      return absl::StrCat("CREATE INDEX IF NOT EXISTS ", object, " …");
    case Kind::kDuplicateConstraint:
      return absl::StrCat("ALTER TABLE ", table, " DROP CONSTRAINT IF EXISTS ", object,
                          ", before it is added");
    default:
      return absl::StrCat("CREATE … IF NOT EXISTS ", object,
                          " where there is such a form, else DROP … IF EXISTS before");
  }
}

std::string RailsForm(const MigrationFailure& failure) {
  switch (failure.kind) {
    case Kind::kDuplicateTable:
      return absl::StrCat("`create_table :", OrWord(failure.object, "NAME"),
                          ", if_not_exists: true`");
    case Kind::kDuplicateColumn:
      return absl::StrCat("`add_column :", OrWord(failure.table, "TABLE"),
                          ", :", OrWord(failure.object, "NAME"), ", …, if_not_exists: true`");
    case Kind::kDuplicateIndex:
      return absl::StrCat("`add_index …, name: \"", OrWord(failure.object, "NAME"),
                          "\", if_not_exists: true`");
    default:
      return absl::StrCat("`execute` with ", IdempotentStatement(failure));
  }
}

// "shop.0002_change" as arguments: "shop 0002_change".
std::string DjangoArguments(const MigrationFailure& failure) {
  if (failure.migration.empty()) return "APP MIGRATION";
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(failure.migration, absl::MaxSplits('.', 1));
  return absl::StrCat(parts.first, " ", parts.second);
}

std::string VersionOf(const MigrationFailure& failure) {
  const std::string first = failure.migration.substr(0, failure.migration.find(' '));
  return OrWord(first, "VERSION");
}

constexpr absl::string_view kIfSame = "if it is what the migration wants, record it as applied: ";

}  // namespace

std::vector<std::string> WaysOutOfDuplicate(const MigrationFailure& failure) {
  const std::string idempotent = IdempotentStatement(failure);
  const std::string drop = "if it is a leftover without data, drop it and deploy again";
  switch (failure.framework) {
    case MigrationFramework::kDjango:
      return {absl::StrCat(kIfSame, "`python manage.py migrate --fake ", DjangoArguments(failure),
                           "` (all of the migration counts as done)"),
              absl::StrCat("make it idempotent: SeparateDatabaseAndState with RunSQL(\"",
                           idempotent, "\")"),
              drop};
    case MigrationFramework::kRails:
      return {absl::StrCat("make it idempotent: ", RailsForm(failure)),
              absl::StrCat(kIfSame, "INSERT INTO schema_migrations (version) VALUES ('",
                           VersionOf(failure), "')"),
              drop};
    case MigrationFramework::kFlyway:
      return {absl::StrCat("make it idempotent: ", idempotent),
              "after a failure outside of a transaction: `flyway repair`", drop};
    default:
      return {absl::StrCat("make it idempotent: ", idempotent), drop};
  }
}

std::vector<std::string> WaysOutOfHistory(const MigrationFailure& failure) {
  switch (failure.framework) {
    case MigrationFramework::kDjango:
      return {"two branches: `python manage.py makemigrations --merge`, and commit what it writes",
              "applied without being recorded: `python manage.py migrate --fake APP MIGRATION`",
              "compare: `python manage.py showmigrations`"};
    case MigrationFramework::kRails:
      return {"give one of the two another version and class name",
              "compare: `rails db:migrate:status`"};
    case MigrationFramework::kFlyway:
      return {"put the migration back as it was applied, and change it in a new one",
              "if the files are right: `flyway repair`", "compare: `flyway info`"};
    default:
      return {"compare the files with the table of applied migrations"};
  }
}

}  // namespace davit::database
