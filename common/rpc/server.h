#ifndef DAVIT_COMMON_RPC_SERVER_H_
#define DAVIT_COMMON_RPC_SERVER_H_

#include <grpcpp/server.h>
#include <grpcpp/support/server_interceptor.h>
#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/address.h"
#include "common/rpc/unix_listener.h"
#include "common/tls/identity.h"

namespace davit {

struct ServerOptions {
  std::vector<Address> listen;           // at least one; the directories of sockets must exist
  std::optional<TlsIdentity> tls;        // TCP is served with it only
  std::vector<std::string> allow;        // whose certificates may call (see AllowList); with tls
  mode_t mode = 0600;                    // who may connect to the unix sockets
  std::optional<gid_t> gid;              // group of the unix sockets; unset: the process's
  std::vector<grpc::Service*> services;  // outlive the server
  int max_threads = 2048;                // handlers that block, at most; more calls are refused
  // Makes what sees each call begin and end; unset: nothing does.
  std::function<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>()>
      interceptor;
};

// A gRPC server on unix sockets and TCP ports, with the standard health and reflection
// services. Takes requests of 64 MiB at most. Over TCP nobody speaks to it who has not
// shown a certificate of the CA in a TLS handshake (1.2 or newer).
class Server {
 public:
  // Serves when it returns. A unix socket has its mode and group before anybody can
  // connect. INVALID_ARGUMENT for a TCP address without tls or allow; UNAVAILABLE for a
  // port that cannot be had, with the system's reason; errors as of
  // UnixSocketClaim::Take, and the system's.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options);

  // As Shutdown with a second's grace.
  ~Server();

  // Where it listens, in the order of the options, with the ports that were found.
  const std::vector<Address>& addresses() const { return addresses_; }

  // Says NOT_SERVING, takes no more calls, gives running ones until `deadline`,
  // cancels the rest, and returns when all handlers have ended. The sockets are gone
  // then. Idempotent; not to be called from a handler.
  void Shutdown(absl::Time deadline);

 private:
  using Listeners = std::vector<std::unique_ptr<UnixListener>>;

  Server(std::vector<Address> addresses, Listeners listeners, std::unique_ptr<grpc::Server> server);

  const std::vector<Address> addresses_;
  const Listeners listeners_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_SERVER_H_
