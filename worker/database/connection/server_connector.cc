#include "worker/database/connection/server_connector.h"

#include "worker/database/connection/server_failure.h"

namespace davit::database {
namespace {

// For whole sessions: a load leaves the one that has the lock idle for hours.
constexpr char kUndisturbed[] = R"(
  SELECT set_config(name, '0', false) FROM pg_settings
  WHERE name IN ('lock_timeout', 'statement_timeout', 'transaction_timeout', 'idle_session_timeout',
                 'idle_in_transaction_session_timeout', 'client_connection_check_interval'))";

}  // namespace

DatabaseConnector ConnectorTo(const DatabaseUrl& url) {
  return [url](const std::string& database,
               const Call& call) -> absl::StatusOr<std::unique_ptr<Connection>> {
    DatabaseUrl target = url;
    target.database = database;
    auto connection = Connect(target, {}, call);
    if (!connection.ok()) return connection;
    const absl::Status undisturbed = (*connection)->Query(kUndisturbed, call).status();
    if (!undisturbed.ok()) return undisturbed;
    return connection;
  };
}

absl::StatusOr<std::unique_ptr<Connection>> ConnectBeside(const DatabaseConnector& connect,
                                                          const std::string& database,
                                                          const Call& call) {
  absl::Status last;
  for (const char* const beside : {"postgres", "template1"}) {
    if (beside == database) continue;
    auto connection = connect(beside, call);
    if (connection.ok()) return connection;
    if (last.ok()) last = connection.status();
  }
  return ServerFailure("the server cannot be reached beside the database", last);
}

}  // namespace davit::database
