#ifndef DAVIT_COMMON_RPC_UNIX_LISTENER_H_
#define DAVIT_COMMON_RPC_UNIX_LISTENER_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/unix_socket.h"

namespace davit {

// The file of a unix socket that gRPC serves at. gRPC accepts from the moment it
// binds; it does so in a directory that only this user can enter, and the socket moves
// to its place when its mode is right, where it takes that of a stale one in the same
// moment.
class UnixListener {
 public:
  // Claims `path` (errors as of UnixSocketClaim::Take) and makes the directory.
  static absl::StatusOr<std::unique_ptr<UnixListener>> Prepare(const std::string& path);

  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;
  ~UnixListener();

  // Where to bind.
  const std::string& bind_path() const { return bind_path_; }

  // Gives the bound socket its access and its place.
  absl::Status Publish(mode_t mode, const std::optional<gid_t>& gid);

  // Nobody finds the socket any more. The claim stays. Idempotent.
  void Remove();

 private:
  UnixListener(std::string path, std::string directory, UnixSocketClaim claim);

  const std::string path_;
  const std::string directory_;
  const std::string bind_path_;
  const UnixSocketClaim claim_;
  bool published_ = false;
};

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_UNIX_LISTENER_H_
