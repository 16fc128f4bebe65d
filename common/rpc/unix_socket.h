#ifndef DAVIT_COMMON_RPC_UNIX_SOCKET_H_
#define DAVIT_COMMON_RPC_UNIX_SOCKET_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace davit {

// The right to serve at one path. Kept as a lock on the file `<path>.lock`, so
// that of two processes that start at once, one has it; it ends with the process.
class UnixSocketClaim {
 public:
  // ALREADY_EXISTS when another process serves there or has the claim,
  // FAILED_PRECONDITION when the path is something else than a socket or is too
  // long (107 bytes), or the system's error. A socket that nobody answers at is
  // left behind by a process that has ended; it may be replaced.
  static absl::StatusOr<UnixSocketClaim> Take(const std::string& path);

  UnixSocketClaim(UnixSocketClaim&& other) noexcept;
  UnixSocketClaim& operator=(UnixSocketClaim&&) = delete;
  ~UnixSocketClaim();

 private:
  explicit UnixSocketClaim(int lock_fd) : lock_fd_(lock_fd) {}

  int lock_fd_;
};

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_UNIX_SOCKET_H_
