#ifndef DAVIT_WORKER_DATABASE_CONNECTION_CONNECT_REASON_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_CONNECT_REASON_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "worker/database/connection/database_url.h"

namespace davit::database {

// Why there is no session, or none that is good enough.
enum class ConnectReason {
  kOther,
  kRefused,         // nothing listens there, or no unix socket is there
  kNameNotFound,    // no address is known for the host's name
  kUnreachable,     // no way to the network or the host
  kAuthentication,  // user or password
  kNotAllowed,      // pg_hba.conf, a role that may not log in, no CONNECT
  kNoSuchDatabase,
  kTooManyClients,
  kStartingUp,
  kShuttingDown,
  kTls,          // one side wants it and the other cannot, or a certificate is wrong
  kTimeout,      // it accepted, or not even that, and said nothing
  kClosed,       // it hung up without a word
  kSwitchedOff,  // the database lets nobody in: ALLOW_CONNECTIONS false
  kStandby,      // it lets in, and takes no changes, and they are wanted
  kReadOnly,     // so by default_transaction_read_only
};

// For people.
struct ConnectProblem {
  ConnectReason reason = ConnectReason::kOther;
  std::string sentence;      // what is the case, of this host, user or database
  std::string evidence;      // the server's own words, or the system's
  std::string likely_cause;  // empty: the sentence says it
  std::string what_to_do;
};

// The reason by SQLSTATE where there is one (empty: none), else by libpq's words.
ConnectReason ReasonFor(absl::string_view sqlstate, absl::string_view words);

// An error of that reason whose message is the evidence.
absl::Status ConnectStatus(ConnectReason reason, absl::string_view evidence,
                           absl::string_view sqlstate = "");
// The reason of such a status, kOther of another.
ConnectReason ReasonOf(const absl::Status& status);

// Says it with the names of `url`, without its password.
ConnectProblem Explain(const absl::Status& status, const DatabaseUrl& url);

// Whether a server that is being set up or started may yet let it in: false where its
// TLS or the URL must be changed. Wrong users, passwords and databases count as true:
// servers create them while they start.
bool MayPass(ConnectReason reason);

// refused, name not found…: for a line in a log.
absl::string_view ReasonText(ConnectReason reason);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_CONNECT_REASON_H_
