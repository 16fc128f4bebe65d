#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "worker/database/connection/sql_quote.h"
#include "worker/database/migration/idempotent_form.h"
#include "worker/database/migration/migration_advice.h"

namespace davit::database {
namespace {

using Kind = MigrationFailureKind;

// "shop.0002_change" as arguments: "shop 0002_change".
std::string DjangoArguments(const MigrationFailure& failure) {
  if (failure.migration.empty()) return "APP MIGRATION";
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(failure.migration, absl::MaxSplits('.', 1));
  return absl::StrCat(parts.first, " ", parts.second);
}

std::string VersionOf(const MigrationFailure& failure) {
  const std::string first = failure.migration.substr(0, failure.migration.find(' '));
  return first.empty() ? "VERSION" : first;
}

// Django's command needs the new code, which no running container has. Davit runs it there, with
// the release's environment, as the command that migrates.
std::string FakeInNewImage(absl::string_view arguments) {
  return absl::StrCat("for one deployment, let `migrate.command` in davit.yaml be `[sh, -c, ",
                      "\"python manage.py migrate --fake ", arguments,
                      " && python manage.py migrate\"]`, which runs in the new image");
}

// How the migration is recorded as applied; empty: by nothing that is known here.
std::string Recording(const MigrationFailure& failure) {
  switch (failure.framework) {
    case MigrationFramework::kDjango:
      return FakeInNewImage(DjangoArguments(failure));
    case MigrationFramework::kRails:
      return absl::StrCat("INSERT INTO schema_migrations (version) VALUES ('", VersionOf(failure),
                          "')");
    default:
      return "";
  }
}

// Whether it could be right to record it, and under which condition; empty: it would be wrong.
std::string ConditionToRecord(const DuplicateState& state) {
  if (!state.as_wanted.value_or(true) || !state.rest_is_done.value_or(true)) return "";
  if (state.as_wanted.has_value() && state.rest_is_done.has_value()) {
    return "all that the migration wants is there: ";
  }
  return "if all that the migration wants is there, and not this alone: ";
}

std::string Mend(const MigrationFailure& failure, const DuplicateState& state) {
  // Where it is not as wanted, to be idempotent would leave what is there as it is.
  if (!state.as_wanted.value_or(true)) {
    return "change what is there to what is wanted, in a migration before this one";
  }
  const std::string idempotent =
      absl::StrCat("make it idempotent: ", IdempotentForm(failure, state.kind));
  if (state.rest_is_done.value_or(true)) return idempotent;
  return absl::StrCat(
      "the rest of the migration is still to be done, so do not record it as "
      "applied: ",
      idempotent);
}

std::string DropUnfinished(const MigrationFailure& failure, const DuplicateState& state) {
  return absl::StrCat(
      "the index is invalid, left by a CREATE INDEX CONCURRENTLY that did not end, "
      "and serves nobody: drop it, `DROP INDEX CONCURRENTLY ",
      PastedName(state.schema, failure.object), "`, and deploy again");
}

}  // namespace

std::vector<std::string> WaysOutOfDuplicate(const MigrationFailure& failure,
                                            const DuplicateState& state) {
  if (state.unfinished) return {DropUnfinished(failure, state)};
  std::vector<std::string> ways = {Mend(failure, state)};
  const std::string record = Recording(failure);
  const std::string condition = ConditionToRecord(state);
  if (!record.empty() && !condition.empty()) {
    const bool certain = state.as_wanted.has_value() && state.rest_is_done.has_value();
    ways.insert(certain ? ways.begin() : ways.end(),
                absl::StrCat(condition, "record it as applied: ", record));
  }
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
              absl::StrCat("applied without being recorded: ", FakeInNewImage("APP MIGRATION")),
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
