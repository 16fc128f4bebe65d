#include "worker/database/restore/database_swap.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "worker/database/connection/server_failure.h"
#include "worker/database/connection/sql_quote.h"

namespace davit::database {
namespace {

// Nothing may end the swap half-way but the server itself; a lock that somebody holds
// is waited for in pieces, until its own deadline.
constexpr char kInPieces[] = "SELECT set_config('lock_timeout', '2000', false)";

// 55006: sessions are in it still. 55P03: somebody has it locked. Cancelled or failed:
// connections are allowed again, which is committed before the error is told.
constexpr char kSwapSql[] = R"(DO $$$4$$
DECLARE
  old_name CONSTANT text := $0;
  fresh CONSTANT text := $1;
  before CONSTANT text := $2;
  deadline CONSTANT timestamptz := clock_timestamp() + interval '$3 milliseconds';
  note text;
  is_template boolean;
  failed text;
  state text;
BEGIN
  EXECUTE format('ALTER DATABASE %I ALLOW_CONNECTIONS false', old_name);
  COMMIT;
  LOOP
    failed := NULL;
    BEGIN
      PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname IN (old_name, fresh) AND usesysid IS NOT NULL;
      SELECT shobj_description(oid, 'pg_database'), datistemplate INTO note, is_template
        FROM pg_database WHERE datname = old_name;
      EXECUTE format('ALTER DATABASE %I RENAME TO %I', old_name, before);
      EXECUTE format('ALTER DATABASE %I RENAME TO %I', fresh, old_name);
      EXECUTE format('ALTER DATABASE %I ALLOW_CONNECTIONS true', before);
      EXECUTE format('COMMENT ON DATABASE %I IS %L', old_name, note);
      IF is_template THEN
        EXECUTE format('ALTER DATABASE %I IS_TEMPLATE true', old_name);
      END IF;
    EXCEPTION WHEN query_canceled OR OTHERS THEN
      failed := SQLERRM;
      state := SQLSTATE;
    END;
    COMMIT;
    EXIT WHEN failed IS NULL OR state NOT IN ('55006', '55P03') OR clock_timestamp() > deadline;
  END LOOP;
  IF failed IS NOT NULL THEN
    EXECUTE format('ALTER DATABASE %I ALLOW_CONNECTIONS true', old_name);
    COMMIT;
    RAISE EXCEPTION USING MESSAGE = failed, ERRCODE = state;
  END IF;
END $$$4$$)";

// What quotes the swap: the names in it may have whatever their owners liked.
std::string TagOutside(absl::string_view names) {
  std::string tag = "davit";
  while (absl::StrContains(names, absl::StrCat("$", tag, "$"))) absl::StrAppend(&tag, "_");
  return tag;
}

}  // namespace

absl::StatusOr<bool> RefusesConnections(Connection& connection, const std::string& database,
                                        const Call& call) {
  const auto refusing = connection.Query(
      "SELECT FROM pg_database WHERE datname = $1 AND NOT datallowconn", {database}, call);
  if (!refusing.ok()) return ServerFailure("the databases cannot be looked up", refusing.status());
  return !refusing->rows.empty();
}

absl::Status AllowConnections(Connection& connection, const std::string& database,
                              const Call& call) {
  // Where that is not known, they are allowed once more.
  if (!RefusesConnections(connection, database, call).value_or(true)) return absl::OkStatus();
  const auto allowed = connection.Query(
      absl::StrCat("ALTER DATABASE ", QuotedIdentifier(database), " ALLOW_CONNECTIONS true"), call);
  if (allowed.ok()) return absl::OkStatus();
  return ServerFailure(absl::StrCat("connections to ", database, " cannot be allowed again"),
                       allowed.status());
}

absl::Status SwapDatabases(Connection& connection, const SwapNames& names, absl::Duration patience,
                           const Call& call) {
  const std::string what = absl::StrCat("the restored database could not take the place of ",
                                        names.database, ", which is in service as before");
  const auto in_pieces = connection.Query(kInPieces, call);
  if (!in_pieces.ok()) return ServerFailure(what, in_pieces.status());
  const std::string sql =
      absl::Substitute(kSwapSql, QuotedLiteral(names.database), QuotedLiteral(names.fresh),
                       QuotedLiteral(names.before), absl::ToInt64Milliseconds(patience),
                       TagOutside(absl::StrCat(names.database, names.fresh, names.before)));
  const auto swapped = connection.Query(sql, call);
  return swapped.ok() ? absl::OkStatus() : ServerFailure(what, swapped.status());
}

absl::StatusOr<bool> IsSwapped(Connection& connection, const std::string& database,
                               const std::string& fresh_oid, const Call& call) {
  const auto found = connection.Query(
      "SELECT FROM pg_database WHERE datname = $1 AND oid = $2::oid", {database, fresh_oid}, call);
  if (!found.ok()) return ServerFailure("the databases cannot be looked up", found.status());
  return !found->rows.empty();
}

}  // namespace davit::database
