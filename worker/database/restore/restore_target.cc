#include "worker/database/restore/restore_target.h"

#include "absl/strings/str_cat.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/connection/server_failure.h"
#include "worker/database/connection/sql_quote.h"

namespace davit::database {
namespace {

// What is absent in an older catalogue becomes NULL through JSON.
constexpr char kTargetSql[] = R"(
  SELECT d.oid, pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate,
         d.datctype, to_jsonb(d)->>'datlocprovider',
         coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale'),
         to_jsonb(d)->>'daticurules',
         CASE WHEN d.dattablespace <> e.dattablespace THEN t.spcname END,
         current_user, d.datallowconn, r.rolsuper OR r.rolcreatedb,
         r.rolsuper OR pg_has_role(current_user, d.datdba, 'MEMBER')
  FROM pg_database d
  JOIN pg_tablespace t ON t.oid = d.dattablespace
  JOIN pg_database e ON e.datname = 'template0'
  JOIN pg_roles r ON r.rolname = current_user
  WHERE d.datname = $1)";

// Columns of it.
enum TargetColumn { kRole = 9, kAllowsConnections, kMayCreate, kOwns };

absl::Status NoRight(const std::string& role, const std::string& database,
                     const std::string& lacks) {
  return ArchiveFailureStatus({ArchiveReason::kRights,
                               absl::StrCat("the role ", role, " may not restore ", database),
                               lacks, "give an admin_url whose role may"});
}

absl::Status CheckRights(const QueryResult& found, const std::string& database) {
  const auto is = [&found](size_t column) { return found.Text(0, column) == "t"; };
  const std::string role = found.Text(0, kRole);
  if (!is(kMayCreate)) return NoRight(role, database, "it has no CREATEDB");
  if (!is(kOwns)) {
    return NoRight(role, database,
                   absl::StrCat("it is not a member of the owner, ", found.Text(0, 1)));
  }
  if (is(kAllowsConnections)) return absl::OkStatus();
  return ArchiveFailureStatus(
      {ArchiveReason::kServer, absl::StrCat("the database ", database, " refuses connections"),
       "ALLOW_CONNECTIONS is false", "allow them, if nobody else is at work on it"});
}

}  // namespace

absl::StatusOr<RestoreTarget> FindRestoreTarget(Connection& connection, const std::string& database,
                                                const Call& call) {
  const auto found = connection.Query(kTargetSql, {database}, call);
  if (!found.ok()) return ServerFailure("the database cannot be looked up", found.status());
  if (found->rows.empty()) {
    return ArchiveFailureStatus({ArchiveReason::kDatabaseMissing,
                                 absl::StrCat("the server has no database ", database), "",
                                 "create it, empty, with its owner: then it can be restored"});
  }
  if (absl::Status may = CheckRights(*found, database); !may.ok()) return may;
  const auto text = [&found](size_t column) { return found->Text(0, column); };
  return RestoreTarget{database, text(0), text(1), text(2), text(3),
                       text(4),  text(5), text(6), text(7), text(8)};
}

std::string CreateLike(const RestoreTarget& target, const std::string& fresh) {
  std::string sql = absl::StrCat(
      "CREATE DATABASE ", QuotedIdentifier(fresh), " OWNER ", QuotedIdentifier(target.owner),
      " TEMPLATE template0 ENCODING ", QuotedLiteral(target.encoding), " LC_COLLATE ",
      QuotedLiteral(target.collate), " LC_CTYPE ", QuotedLiteral(target.ctype));
  // Also the default one must be allowed to be named.
  if (!target.tablespace.empty()) {
    absl::StrAppend(&sql, " TABLESPACE ", QuotedIdentifier(target.tablespace));
  }
  if (target.provider == "i") {
    absl::StrAppend(&sql, " LOCALE_PROVIDER icu ICU_LOCALE ", QuotedLiteral(target.locale));
  }
  if (target.provider == "b") {
    absl::StrAppend(&sql, " LOCALE_PROVIDER builtin BUILTIN_LOCALE ", QuotedLiteral(target.locale));
  }
  if (target.provider == "c") absl::StrAppend(&sql, " LOCALE_PROVIDER libc");
  if (!target.icu_rules.empty()) {
    absl::StrAppend(&sql, " ICU_RULES ", QuotedLiteral(target.icu_rules));
  }
  return sql;
}

}  // namespace davit::database
