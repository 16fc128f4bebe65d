#ifndef DAVIT_WORKER_DATABASE_CONNECTION_CONNECTION_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "worker/database/connection/database_url.h"

namespace davit::database {

// What a query answered, as text.
struct QueryResult {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;  // nullopt: NULL
  int64_t affected = 0;                                       // by INSERT, UPDATE, DELETE

  // The value; empty where it is NULL or not there.
  std::string Text(size_t row, size_t column) const;
};

// One session with a PostgreSQL server. Not thread-safe.
class Connection {
 public:
  virtual ~Connection() = default;

  // Runs one statement with $1, $2… given as text; without parameters it may be several
  // that ; separates, and the last one's rows come back. Each commits by itself unless
  // BEGIN came before. When `call` ends, the server is told to cancel it, and where it
  // does not answer the connection is ended. CANCELLED and DEADLINE_EXCEEDED are the
  // call's; INTERNAL is the server's, with its words and SqlState(); UNAVAILABLE: the
  // connection is lost, and whether a statement that changes something took effect is
  // not known.
  virtual absl::StatusOr<QueryResult> Query(absl::string_view sql,
                                            const std::vector<std::string>& parameters,
                                            const Call& call) = 0;
  absl::StatusOr<QueryResult> Query(absl::string_view sql, const Call& call) {
    return Query(sql, {}, call);
  }

  // 150018 is 15.18, 90624 is 9.6.24.
  virtual int server_version() const = 0;
  // The process that the session was told to be served by; a pooler invents one.
  virtual int backend_pid() const = 0;
};

struct ConnectOptions {
  // For each address of the server, until the session can be used.
  absl::Duration connect_timeout = absl::Seconds(5);
  // The server ends a statement that takes longer; infinite: as the server has it. Not
  // through a pooler, which would keep the setting for others.
  absl::Duration statement_timeout = absl::InfiniteDuration();
  std::string application_name = "davit";  // where the URL says none
};

// A session with the first of the URL's hosts that lets it in. CANCELLED and
// DEADLINE_EXCEEDED when `call` ended it; every other error is a ConnectStatus()
// (connect_reason.h). Errors have the server's words and no password.
absl::StatusOr<std::unique_ptr<Connection>> Connect(const DatabaseUrl& url,
                                                    const ConnectOptions& options,
                                                    const Call& call);
// The same. `reached` is the URL with that one host at the address that was dialled, for who
// must come to the same server again: a standby among the hosts is behind, or says that there is
// no such database.
absl::StatusOr<std::unique_ptr<Connection>> Connect(const DatabaseUrl& url,
                                                    const ConnectOptions& options, const Call& call,
                                                    DatabaseUrl& reached);

// Five letters and digits of the server's, or of a status made with it; empty: none.
std::string SqlState(const absl::Status& status);
absl::Status WithSqlState(absl::Status status, absl::string_view sqlstate);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_CONNECTION_H_
