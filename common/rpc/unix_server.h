#ifndef DAVIT_COMMON_RPC_UNIX_SERVER_H_
#define DAVIT_COMMON_RPC_UNIX_SERVER_H_

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
#include "common/rpc/unix_socket.h"

namespace davit {

struct UnixServerOptions {
  std::string path;                      // at most 107 bytes; its directory must exist
  mode_t mode = 0600;                    // who may connect
  std::optional<gid_t> gid;              // group of the socket; unset: the process's
  std::vector<grpc::Service*> services;  // outlive the server
  int max_threads = 2048;                // handlers that block, at most; more calls are refused
  // Makes what sees each call begin and end; unset: nothing does.
  std::function<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>()>
      interceptor;
};

// A gRPC server on a unix socket, with the standard health and reflection
// services. Takes requests of 4 MiB at most.
class UnixServer {
 public:
  // Serves when it returns. The socket has its mode and group before anybody can
  // connect. Errors as of UnixSocketClaim::Take, and the system's.
  static absl::StatusOr<std::unique_ptr<UnixServer>> Start(const UnixServerOptions& options);

  // As Shutdown with a second's grace.
  ~UnixServer();

  // Says NOT_SERVING, takes no more calls, gives running ones until `deadline`,
  // cancels the rest, and returns when all handlers have ended. The socket is gone
  // then. Idempotent; not to be called from a handler.
  void Shutdown(absl::Time deadline);

 private:
  UnixServer(std::string path, UnixSocketClaim claim, std::unique_ptr<grpc::Server> server);

  const std::string path_;
  const UnixSocketClaim claim_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_UNIX_SERVER_H_
