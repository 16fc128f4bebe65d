#ifndef DAVIT_WORKER_DATABASE_CONNECTION_SERVER_CONNECTOR_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_SERVER_CONNECTOR_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"
#include "worker/database/connection/database_url.h"

namespace davit::database {

// Connects to a database of the server that it is made for.
using DatabaseConnector = std::function<absl::StatusOr<std::unique_ptr<Connection>>(
    const std::string& database, const Call& call)>;

// To the server of `url`, whatever its database. What the role or a database sets to end sessions
// and statements after a time does not count in these sessions: who uses them has a call.
DatabaseConnector ConnectorTo(const DatabaseUrl& url);

// A connection to none of the databases that a restore of `database` renames. Errors are
// ArchiveFailures.
absl::StatusOr<std::unique_ptr<Connection>> ConnectBeside(const DatabaseConnector& connect,
                                                          const std::string& database,
                                                          const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_SERVER_CONNECTOR_H_
