#ifndef DAVIT_WORKER_DATABASE_CONNECTION_SERVER_INFO_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_SERVER_INFO_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

namespace davit::database {

struct ServerInfo {
  int version = 0;           // 150018
  int major_version = 0;     // 15; 9 of 9.6, as nobody supports that one any more
  std::string version_text;  // 15.18 (Debian 15.18-0+deb12u1)
  bool read_only = false;    // a standby, or default_transaction_read_only
  bool superuser = false;    // the session's role
  // A pooler (pgbouncer, PgCat, Odyssey) is between: sessions are not what they seem, so
  // that locks of the session and SET must not be relied upon, and pg_dump may fail.
  bool pooler = false;
  int64_t database_bytes = 0;
};

// Asks over the session. Errors are Query()'s.
absl::StatusOr<ServerInfo> ReadServerInfo(Connection& connection, const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_SERVER_INFO_H_
