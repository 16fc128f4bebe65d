#include "worker/steps/database/migrate_sessions.h"

#include "absl/time/time.h"

namespace davit::steps {
namespace {

constexpr absl::Duration kSessionsLook = absl::Milliseconds(50);

// A transaction that is still open is not idle either.
constexpr absl::string_view kEndThem =
    "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 "
    "AND datname = current_database() AND pid <> pg_backend_pid() "
    "AND state IS DISTINCT FROM 'idle'";

}  // namespace

absl::Status EndSessions(database::Connection& connection, const std::string& name,
                         const Call& call) {
  for (;;) {
    const auto left = connection.Query(kEndThem, {name}, call);
    if (!left.ok()) return left.status();
    if (left->rows.empty()) return absl::OkStatus();
    if (absl::Status status = call.Wait(kSessionsLook); !status.ok()) return status;
  }
}

}  // namespace davit::steps
