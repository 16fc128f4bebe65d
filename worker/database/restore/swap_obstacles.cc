#include "worker/database/restore/swap_obstacles.h"

#include "absl/strings/str_cat.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/connection/server_failure.h"

namespace davit::database {
namespace {

constexpr absl::Duration kSessionsPause = absl::Milliseconds(250);

constexpr char kPreparedSql[] = R"(
  SELECT format('%L of role %s, since %s', gid, owner, date_trunc('second', prepared))
  FROM pg_prepared_xacts WHERE database = $1 ORDER BY prepared)";

constexpr char kSlotsSql[] = R"(
  SELECT format('slot %s (%s), %s', slot_name, plugin,
                CASE WHEN active THEN 'in use' ELSE 'not in use now' END)
  FROM pg_replication_slots WHERE database = $1 ORDER BY slot_name)";

// Superusers' only superusers may end. What runs in parallel goes with its session.
constexpr char kSessionsSql[] = R"(
  SELECT format('session %s of %s%s%s%s', a.pid, a.usename,
                CASE WHEN s.rolsuper THEN ', a superuser' ELSE '' END,
                CASE WHEN a.application_name <> '' THEN ' (' || a.application_name || ')' END,
                ' from ' || host(a.client_addr))
  FROM pg_stat_activity a
  JOIN pg_roles s ON s.oid = a.usesysid
  JOIN pg_roles me ON me.rolname = current_user
  WHERE a.datname = $1 AND a.usename <> $2 AND a.backend_type IS DISTINCT FROM 'parallel worker'
    AND a.pid <> pg_backend_pid() AND NOT me.rolsuper
    AND (s.rolsuper OR NOT (pg_has_role(me.oid, s.oid, 'USAGE')
                            OR pg_has_role(me.oid, 'pg_signal_backend', 'USAGE')))
  ORDER BY a.backend_start)";

std::string Lines(const QueryResult& rows) {
  std::string lines;
  for (size_t row = 0; row < rows.rows.size(); ++row) {
    absl::StrAppend(&lines, lines.empty() ? "" : "\n", rows.Text(row, 0));
  }
  return lines;
}

absl::Status RefuseRows(const absl::StatusOr<QueryResult>& rows, ArchiveFailure failure) {
  if (!rows.ok()) return ServerFailure("the database's sessions cannot be seen", rows.status());
  if (rows->rows.empty()) return absl::OkStatus();
  failure.evidence = Lines(*rows);
  return ArchiveFailureStatus(failure);
}

}  // namespace

absl::Status CheckForHolds(Connection& connection, const std::string& database, const Call& call) {
  absl::Status status = RefuseRows(
      connection.Query(kPreparedSql, {database}, call),
      {ArchiveReason::kHeld,
       absl::StrCat("prepared transactions in ", database, " keep it from being replaced"), "",
       "end each in that database with COMMIT PREPARED or ROLLBACK PREPARED, and restore again"});
  if (!status.ok()) return status;
  return RefuseRows(
      connection.Query(kSlotsSql, {database}, call),
      {ArchiveReason::kHeld,
       absl::StrCat("logical replication reads ", database,
                    ", and would stay with the old database, for which the server then keeps all "
                    "that is written"),
       "",
       "stop its consumer, drop the slot with SELECT pg_drop_replication_slot('SLOT'), restore "
       "again, and set the replication up anew"});
}

absl::Status CheckForSessions(Connection& connection, const std::string& database,
                              const std::string& app_role, absl::Duration patience,
                              const Call& call) {
  const Call waiting = call.Within(patience);
  while (true) {
    const auto sessions = connection.Query(kSessionsSql, {database, app_role}, call);
    const bool none = sessions.ok() && sessions->rows.empty();
    if (!none && sessions.ok() && waiting.Wait(kSessionsPause).ok()) continue;
    if (const absl::Status ended = call.Check(); !ended.ok()) {
      return ServerFailure("the database's sessions cannot be seen", ended);
    }
    return RefuseRows(
        sessions, {ArchiveReason::kRights,
                   absl::StrCat("sessions are in ", database,
                                " that the role may not end, and that do not end by themselves"),
                   "",
                   "end them, or give an admin_url whose role may: a superuser's, or for those "
                   "of others a member of pg_signal_backend"});
  }
}

}  // namespace davit::database
