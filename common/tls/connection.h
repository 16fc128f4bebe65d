#ifndef DAVIT_COMMON_TLS_CONNECTION_H_
#define DAVIT_COMMON_TLS_CONNECTION_H_

#include <openssl/types.h>

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/tls/identity.h"

namespace davit::tls {

// How an exchange with the other side went.
struct Outcome {
  enum Kind { kDone, kTimedOut, kClosed, kAlert, kFailed };
  Kind kind;
  int alert = 0;     // of kAlert: its number in the TLS standard
  std::string text;  // of kFailed: OpenSSL's words
};

// A client's TLS connection (1.2 or newer, for HTTP/2) that judges nobody. Raises no
// SIGPIPE, and waits no longer than it is told.
class Connection {
 public:
  // `fd` is connected, does not block, and outlives this. Shows `identity`; asks for
  // `server_name`. An error says why the identity is of no use.
  static absl::StatusOr<std::unique_ptr<Connection>> Make(int fd, const TlsIdentity& identity,
                                                          const std::string& server_name);

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  Outcome Handshake(absl::Time deadline);
  // Waits for what the other side says first.
  Outcome ReadByte(absl::Time deadline);

  const SSL& ssl() const { return *ssl_; }

 private:
  Connection(int fd, SSL* ssl);

  // Repeats `operation` until it has what it needs from the other side.
  Outcome Drive(absl::FunctionRef<int()> operation, absl::Time deadline);
  // Sends what OpenSSL wants to send, and receives some.
  Outcome Flush(absl::Time deadline);
  Outcome Fill(absl::Time deadline);

  const int fd_;
  SSL* const ssl_;
};

}  // namespace davit::tls

#endif  // DAVIT_COMMON_TLS_CONNECTION_H_
