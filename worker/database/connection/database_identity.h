#ifndef DAVIT_WORKER_DATABASE_CONNECTION_DATABASE_IDENTITY_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_DATABASE_IDENTITY_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

namespace davit::database {

// Which database a session is in, as the server has it: names in URLs may be a pooler's, and
// the same in many servers.
struct DatabaseIdentity {
  std::string name;
  std::string oid;
  std::string server_start;  // when the server was started, to the microsecond
  std::string system;        // which data the server has; empty: the role may not know
  bool in_recovery = false;  // a standby
  std::string Text() const;  // "database shop (oid 16384) of the server that was started at …"
};

// Needs no rights, and no session of its own behind a pooler. Errors are Query()'s.
absl::StatusOr<DatabaseIdentity> ReadDatabaseIdentity(Connection& connection, const Call& call);

// Whether they are one: in one run of one server, or in a server and a standby of it. A copy of a
// server's data elsewhere is another one.
bool IsSameDatabase(const DatabaseIdentity& a, const DatabaseIdentity& b);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_DATABASE_IDENTITY_H_
