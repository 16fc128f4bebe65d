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

// How the migration is recorded as applied; empty: by nothing that is known here.
std::string Recording(const MigrationFailure& failure) {
  switch (failure.framework) {
    case MigrationFramework::kDjango:
      return absl::StrCat("`python manage.py migrate --fake ", DjangoArguments(failure),
                          "` (all of the migration counts as done)");
    case MigrationFramework::kRails:
      return absl::StrCat("INSERT INTO schema_migrations (version) VALUES ('", VersionOf(failure),
                          "')");
    default:
      return "";
  }
}

std::string Idempotent(const MigrationFailure& failure) {
  switch (failure.framework) {
    case MigrationFramework::kDjango:
      return absl::StrCat("SeparateDatabaseAndState with RunSQL(\"", IdempotentStatement(failure),
                          "\")");
    case MigrationFramework::kRails:
      return RailsForm(failure);
    default:
      return IdempotentStatement(failure);
  }
}

}  // namespace

std::vector<std::string> WaysOutOfDuplicate(const MigrationFailure& failure,
                                            std::optional<bool> as_wanted) {
  std::vector<std::string> ways;
  if (const std::string record = Recording(failure); !record.empty() && as_wanted.value_or(true)) {
    ways.push_back(absl::StrCat(as_wanted.has_value() ? "it is" : "if it is",
                                " what the migration wants", as_wanted.has_value() ? ":" : ",",
                                " record it as applied: ", record));
  }
  // Where it is not, to be idempotent would leave what is there as it is.
  const std::string mend =
      as_wanted.value_or(true)
          ? absl::StrCat("make it idempotent: ", Idempotent(failure))
          : "change what is there to what is wanted, in a migration before this one";
  const bool first = failure.framework == MigrationFramework::kRails && !as_wanted.has_value();
  ways.insert(first ? ways.begin() : ways.end(), mend);
  if (failure.framework == MigrationFramework::kFlyway) {
    ways.emplace_back("after a failure outside of a transaction: `flyway repair`");
  }
  ways.emplace_back("if it is a leftover without data, drop it and deploy again");
  return ways;
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
