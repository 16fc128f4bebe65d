#ifndef DAVIT_WORKER_DATABASE_CONNECTION_SESSION_START_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_SESSION_START_H_

#include <libpq-fe.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"
#include "worker/database/connection/database_url.h"

namespace davit::database {

struct FinishSession {
  void operator()(PGconn* session) const { PQfinish(session); }
};
using Session = std::unique_ptr<PGconn, FinishSession>;

// A session with one of the URL's hosts. It is libpq's and not libpqxx's, which has no
// SQLSTATE of a refusal, and waits where nobody can end it. Errors as Connect() has them.
absl::StatusOr<Session> StartSession(const DatabaseUrl& url, const DatabaseHost& host,
                                     const ConnectOptions& options, const Call& call);

// The server's words of what libpq says with PQERRORS_VERBOSE, and the SQLSTATE therein.
struct ServerWords {
  std::string text;
  std::string sqlstate;  // empty: it is not the server who speaks
};
ServerWords ReadServerWords(absl::string_view verbose);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_SESSION_START_H_
