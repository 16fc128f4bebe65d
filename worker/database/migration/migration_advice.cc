#include "worker/database/migration/migration_advice.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace davit::database {
namespace {

using Kind = MigrationFailureKind;

// In templates {noun}, {object} and {of} ("of TABLE", with a blank before) are replaced.
struct AdviceEntry {
  Kind kind;
  absl::string_view sentence;
  absl::string_view nameless;  // where the server named nothing
  absl::string_view cause;
  absl::string_view ways_out[3] = {};
};

constexpr AdviceEntry kAdviceEntries[] = {
    {Kind::kDuplicateTable, "The {noun} {object}{of} exists already",
     "A table that the migration creates exists already",
     "an earlier attempt that stayed half-done, a change made by hand, or a migration that ran "
     "without being recorded"},
    {Kind::kMissingTable,
     "The {noun} {object}{of} does not exist",
     "A table that the migration needs does not exist",
     "a migration that it depends on was not applied, or was applied to another schema or "
     "database",
     {"look at what is applied: `python manage.py showmigrations`, `rails db:migrate:status`, "
      "`flyway info`",
      "name the dependency in the migration, so that it runs first",
      "check `search_path` and the database of the URL"}},
    {Kind::kMissingExtension,
     "The {noun} {object} is not installed on the database's server",
     "",
     "its files come in a package of their own, for the server's version",
     {"install it where the server runs (Debian: postgresql-contrib, or a package like "
      "postgresql-VERSION-NAME), or take a server's image that has it",
      "look what the server has: SELECT name FROM pg_available_extensions"}},
    {Kind::kLockTimeout,
     "The migration waited too long for a lock{on}",
     "The migration waited too long for a lock",
     "a session that uses the table: the running application, a report, a backup or vacuum",
     {"deploy again when the session that holds it has ended",
      "end it: `SELECT pg_terminate_backend(PID)`",
      "do it without a long lock: CREATE INDEX CONCURRENTLY, ADD CONSTRAINT … NOT VALID"}},
    {Kind::kDeadlock,
     "The migration and another session waited for each other, and the server "
     "ended the migration",
     "",
     "the running application locks the same tables in another order",
     {"deploy again; what the migration's transaction did was undone",
      "split the migration, so that each transaction locks one table"}},
    {Kind::kPermission,
     "The database user may not do this: {evidence}",
     "",
     "the migration runs as another user than the one who owns the tables",
     {"run migrations as the owner, or make the user a member: GRANT owner TO user",
      "let an administrator grant it: GRANT CREATE ON SCHEMA …, GRANT ALL ON …",
      "let a superuser create extensions and roles beforehand"}},
    {Kind::kDiskFull,
     "There is no space left on a disk",
     "",
     "the database server's disk is full; rewriting a table or building an index needs its size "
     "once more",
     {"make space on the server, then deploy again",
      "look at what is largest: SELECT relname, pg_size_pretty(pg_total_relation_size(oid)) FROM "
      "pg_class ORDER BY pg_total_relation_size(oid) DESC LIMIT 10"}},
    {Kind::kStatementTimeout,
     "A statement of the migration ran longer than the server allows",
     "",
     "statement_timeout of the role, the database or the URL",
     {"set it for the migration alone: SET LOCAL statement_timeout = '30min'",
      "change rows in portions, or build the index CONCURRENTLY"}},
    {Kind::kNotNullViolated,
     "The {noun} {object}{of} has NULLs, and is to have none",
     "",
     "rows from before the column, or before a default, was introduced",
     {"fill the rows first, in a migration before this one: UPDATE … SET {object} = … WHERE "
      "{object} IS NULL",
      "add the column with a default"}},
    {Kind::kUniqueViolated,
     "Rows are the same in what the {noun} {object} wants to be unique",
     "",
     "duplicate rows from before it, or a row that the migration inserts and that is there",
     {"find them: SELECT columns, count(*) FROM table GROUP BY columns HAVING count(*) > 1",
      "insert with ON CONFLICT DO NOTHING, or get_or_create"}},
    {Kind::kForeignKeyViolated,
     "Rows{of} refer to something that does not exist, against the {noun} {object}",
     "",
     "rows whose counterpart was deleted before the foreign key was there",
     {"delete or correct those rows in a migration before this one",
      "add it NOT VALID, and validate it later"}},
    {Kind::kCheckViolated,
     "Rows{of} do not fulfil the {noun} {object}",
     "",
     "rows from before the check was there",
     {"correct those rows in a migration before this one",
      "add it NOT VALID, and validate it later"}},
    {Kind::kConnectionLost,
     "The connection to the database was lost",
     "",
     "the server was restarted or ended the session, or the network was cut",
     {"look at the server's log", "deploy again; what was not committed was undone"}},
    {Kind::kTooManyClients,
     "The server has no connection left for the migration: {evidence}",
     "",
     "other clients hold max_connections, or as many as the role, the database or the pooler "
     "allows",
     {"look who holds them: SELECT usename, application_name, count(*) FROM pg_stat_activity "
      "GROUP BY 1, 2 ORDER BY 3 DESC",
      "make the applications' pools smaller, or the limit larger, then deploy again"}},
    {Kind::kNotLetIn,
     "The server does not let the migration in: {evidence}",
     "",
     "the command connects as another user, or with another password, than the URL that Davit "
     "has waited with; or its password was changed meanwhile",
     {"look at what the command is configured with", "set the secret of the URL anew"}},
    {Kind::kReadOnly,
     "The database takes no changes: {evidence}",
     "",
     "the command is connected to a standby, or default_transaction_read_only is on for its role "
     "or database",
     {"give it the primary server's URL",
      "look at it: SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only')"}},
    {Kind::kInconsistentHistory,
     "The migrations that are applied do not fit those of this release: {evidence}", "",
     "an older or other branch was deployed before, or migrations were renamed or edited after "
     "they had been applied"},
};

bool IsDuplicate(Kind kind) {
  return kind == Kind::kDuplicateTable || kind == Kind::kDuplicateColumn ||
         kind == Kind::kDuplicateIndex || kind == Kind::kDuplicateConstraint ||
         kind == Kind::kDuplicateObject;
}

// One entry for all that say the same.
Kind EntryKind(Kind kind) {
  if (IsDuplicate(kind)) return Kind::kDuplicateTable;
  if (kind == Kind::kMissingColumn || kind == Kind::kMissingObject) return Kind::kMissingTable;
  return kind;
}

// Without what stands before the message: "psql:…: ERROR:", "failed: FATAL:", classes.
absl::string_view MessageOf(absl::string_view line) {
  for (const absl::string_view sign : {"ERROR: ", "FATAL: ", "Error: ", "History: "}) {
    const size_t at = line.find(sign);
    if (at != absl::string_view::npos) line.remove_prefix(at + sign.size());
  }
  return absl::StripLeadingAsciiWhitespace(line);
}

std::string Filled(absl::string_view text, absl::string_view noun,
                   const MigrationFailure& failure) {
  const bool own_table = failure.table.empty() || failure.table == failure.object;
  const std::string of = own_table ? "" : absl::StrCat(" of ", failure.table);
  const std::string on = failure.object.empty() ? "" : absl::StrCat(" on ", failure.object);
  return absl::StrReplaceAll(text, {{"{noun}", noun},
                                    {"{object}", failure.object},
                                    {"{of}", of},
                                    {"{on}", on},
                                    {"{evidence}", MessageOf(failure.evidence)}});
}

}  // namespace

void AddAdvice(absl::string_view noun, MigrationFailure& failure) {
  for (const AdviceEntry& entry : kAdviceEntries) {
    if (entry.kind != EntryKind(failure.kind)) continue;
    const bool nameless = failure.object.empty() && !entry.nameless.empty();
    failure.sentence = Filled(nameless ? entry.nameless : entry.sentence, noun, failure);
    failure.likely_cause = std::string(entry.cause);
    for (const absl::string_view way : entry.ways_out) {
      if (!way.empty()) failure.ways_out.push_back(Filled(way, noun, failure));
    }
  }
  if (IsDuplicate(failure.kind)) failure.ways_out = WaysOutOfDuplicate(failure, {});
  if (failure.kind == Kind::kInconsistentHistory) failure.ways_out = WaysOutOfHistory(failure);
}

}  // namespace davit::database
