#include "worker/database/migration/ledger_table.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace davit::database {
namespace {

// By the catalogue, which everybody may read: asking for the table itself fails without
// rights to its schema.
constexpr absl::string_view kLedgerRights = R"sql(
SELECT quote_ident(current_user), quote_ident(current_database()),
  has_database_privilege(current_database(), 'CREATE'), n.oid IS NOT NULL,
  coalesce(has_schema_privilege(n.oid, 'CREATE') AND has_schema_privilege(n.oid, 'USAGE'), false),
  c.oid IS NOT NULL,
  coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AND
           has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE'), false)
FROM (VALUES (1)) one LEFT JOIN pg_namespace n ON n.nspname = 'davit'
LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'davit_migrations')sql";

constexpr absl::string_view kCreateSchema = "CREATE SCHEMA davit";

constexpr absl::string_view kCreateTable = R"sql(
CREATE TABLE davit.davit_migrations (
  deployment text NOT NULL,
  step text NOT NULL,
  host text NOT NULL,
  container text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'finished', 'failed', 'superseded')),
  version bigint NOT NULL DEFAULT 1,
  begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz,
  PRIMARY KEY (deployment, step));
CREATE UNIQUE INDEX davit_migrations_one_runs ON davit.davit_migrations (state)
  WHERE state = 'running';
COMMENT ON TABLE davit.davit_migrations IS 'Which deployment of Davit migrates this database')sql";

struct LedgerRights {
  std::string user;
  std::string database;
  bool may_create_schema, has_schema, may_use_schema, has_table, may_use_table;
};

LedgerRights RightsOf(const QueryResult& row) {
  const auto is_true = [&row](size_t column) { return row.Text(0, column) == "t"; };
  return {row.Text(0, 0), row.Text(0, 1), is_true(2), is_true(3),
          is_true(4),     is_true(5),     is_true(6)};
}

absl::Status Denied(const LedgerRights& rights, absl::string_view what,
                    absl::string_view statements) {
  return absl::PermissionDeniedError(absl::StrCat(
      "User ", rights.user, " may not ", what, " in database ", rights.database,
      ", where Davit notes who migrates it; let an administrator run there: ", statements));
}

absl::Status TableDenied(const LedgerRights& rights) {
  return Denied(
      rights, "use the table davit.davit_migrations",
      absl::StrCat("GRANT USAGE ON SCHEMA davit TO ", rights.user,
                   "; GRANT SELECT, INSERT, UPDATE ON davit.davit_migrations TO ", rights.user));
}

absl::Status CreateLedger(Connection& connection, const LedgerRights& rights, const Call& call) {
  if (!rights.has_schema) {
    if (!rights.may_create_schema) {
      return Denied(rights, "create the schema davit",
                    absl::StrCat("CREATE SCHEMA davit AUTHORIZATION ", rights.user));
    }
    const absl::Status made = connection.Query(kCreateSchema, call).status();
    if (!made.ok()) return made;
  } else if (!rights.may_use_schema) {
    return Denied(rights, "create a table in the schema davit",
                  absl::StrCat("GRANT USAGE, CREATE ON SCHEMA davit TO ", rights.user));
  }
  return connection.Query(kCreateTable, call).status();
}

}  // namespace

absl::Status EnsureLedgerTable(Connection& connection, const Call& call) {
  const auto row = connection.Query(kLedgerRights, call);
  if (!row.ok()) return row.status();
  const LedgerRights rights = RightsOf(*row);
  if (!rights.has_table) return CreateLedger(connection, rights, call);
  return rights.may_use_table ? absl::OkStatus() : TableDenied(rights);
}

absl::StatusOr<bool> MayReadLedger(Connection& connection, const Call& call) {
  const auto row = connection.Query(kLedgerRights, call);
  if (!row.ok()) return row.status();
  const LedgerRights rights = RightsOf(*row);
  // Who may read it and no more would be refused when it is to be written.
  if (rights.has_table && !rights.may_use_table) return TableDenied(rights);
  return rights.has_table;
}

}  // namespace davit::database
