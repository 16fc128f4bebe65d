#include "worker/database/connection/database_identity.h"

#include "absl/strings/str_cat.h"

namespace davit::database {
namespace {

constexpr absl::string_view kIdentitySql =
    "SELECT datname, oid, pg_postmaster_start_time() AT TIME ZONE 'UTC', pg_is_in_recovery() "
    "FROM pg_database WHERE datname = current_database()";

// Everybody may ask by default; some who run servers for others forbid it.
constexpr absl::string_view kSystemSql = "SELECT system_identifier FROM pg_control_system()";

}  // namespace

std::string DatabaseIdentity::Text() const {
  return absl::StrCat("database ", name, " (oid ", oid, ") of the ",
                      in_recovery ? "standby" : "server", " that was started at ", server_start,
                      " UTC");
}

absl::StatusOr<DatabaseIdentity> ReadDatabaseIdentity(Connection& connection, const Call& call) {
  const auto found = connection.Query(kIdentitySql, call);
  if (!found.ok()) return found.status();
  DatabaseIdentity identity{.name = found->Text(0, 0),
                            .oid = found->Text(0, 1),
                            .server_start = found->Text(0, 2),
                            .in_recovery = found->Text(0, 3) == "t"};
  const auto system = connection.Query(kSystemSql, call);
  if (system.ok()) identity.system = system->Text(0, 0);
  if (absl::Status ended = call.Check(); !ended.ok()) return ended;
  return identity;
}

bool IsSameDatabase(const DatabaseIdentity& a, const DatabaseIdentity& b) {
  if (a.name != b.name || a.oid != b.oid) return false;
  if (a.server_start == b.server_start) return true;
  return !a.system.empty() && a.system == b.system && a.in_recovery != b.in_recovery;
}

}  // namespace davit::database
