// CarrySettingsOver: the server writes the statements itself, as pg_dump would.
#include "absl/strings/str_cat.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/connection/server_failure.h"
#include "worker/database/restore/restore_target.h"

namespace davit::database {
namespace {

// $1: the oid of the old database, $2: the name of the new one. Values of the parameters
// that are lists are stored as they are written: each element is quoted by itself.
constexpr char kSettingsSql[] = R"(
  WITH stored AS (
    SELECT s.setrole, split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value
    FROM pg_db_role_setting s, unnest(s.setconfig) c
    WHERE s.setdatabase = $1::oid)
  SELECT CASE WHEN setrole = 0 THEN format('ALTER DATABASE %I', $2::text)
              ELSE format('ALTER ROLE %I IN DATABASE %I', pg_get_userbyid(setrole), $2::text) END
         || format(' SET %I TO ', name)
         || CASE WHEN lower(name) IN ('local_preload_libraries', 'search_path',
                   'session_preload_libraries', 'shared_preload_libraries', 'temp_tablespaces',
                   'unix_socket_directories')
            THEN (SELECT coalesce(string_agg(quote_literal(
                     CASE WHEN m[1] LIKE '"%' THEN
                       replace(substr(m[1], 2, length(m[1]) - 2), '""', '"')
                     ELSE m[1] END), ', ' ORDER BY n), quote_literal(''))
                  FROM regexp_matches(value, '("(?:[^"]|"")*"|[^,[:space:]]+)', 'g')
                       WITH ORDINALITY AS found(m, n))
            ELSE quote_literal(value) END,
         name || CASE WHEN setrole = 0 THEN '' ELSE ' of role ' || pg_get_userbyid(setrole) END
  FROM stored)";

constexpr char kGrantsSql[] = R"(
  SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %I', $2::text, pg_get_userbyid(d.datdba))
  FROM pg_database d WHERE d.oid = $1::oid AND d.datacl IS NOT NULL
  UNION ALL
  SELECT format('GRANT %s ON DATABASE %I TO %s%s', string_agg(a.privilege_type, ', '), $2::text,
           CASE WHEN a.grantee = 0 THEN 'PUBLIC'
                ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
           CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
  FROM pg_database d, aclexplode(d.datacl) a WHERE d.oid = $1::oid
  GROUP BY a.grantee, a.is_grantable)";

constexpr char kLimitSql[] = R"(
  SELECT format('ALTER DATABASE %I CONNECTION LIMIT %s', $2::text, datconnlimit)
  FROM pg_database WHERE oid = $1::oid AND datconnlimit <> -1)";

bool IsDenied(const absl::Status& said) {
  return IsArchiveFailure(ServerFailure("", said), ArchiveReason::kRights);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CarrySettingsOver(Connection& connection,
                                                           const RestoreTarget& target,
                                                           const std::string& fresh,
                                                           const Call& call) {
  const std::string what =
      absl::StrCat("the settings and grants of ", target.name, " cannot be carried over");
  std::vector<std::string> left_out;
  for (const char* const written : {kSettingsSql, kGrantsSql, kLimitSql}) {
    const auto statements = connection.Query(written, {target.oid, fresh}, call);
    if (!statements.ok()) return ServerFailure(what, statements.status());
    for (size_t row = 0; row < statements->rows.size(); ++row) {
      const auto done = connection.Query(statements->Text(row, 0), call);
      if (done.ok()) continue;
      const std::string setting = statements->Text(row, 1);
      if (setting.empty() || !IsDenied(done.status())) return ServerFailure(what, done.status());
      left_out.push_back(setting);
    }
  }
  return left_out;
}

}  // namespace davit::database
