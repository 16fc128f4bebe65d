#ifndef DAVIT_COMMON_RPC_DIAL_H_
#define DAVIT_COMMON_RPC_DIAL_H_

#include <sys/socket.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace davit {

// A socket of ours.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket();

  int fd() const { return fd_; }

 private:
  int fd_;
};

struct Endpoint {
  sockaddr_storage address = {};
  socklen_t length = 0;
  std::string text;  // "10.0.0.1:7301"
};

// The addresses of `host`, in the system's order. NOT_FOUND when it has none,
// UNAVAILABLE when nobody could say, DEADLINE_EXCEEDED.
absl::StatusOr<std::vector<Endpoint>> Resolve(const std::string& host, int port,
                                              absl::Time deadline);

// The endpoint of a unix socket, whose path must fit.
Endpoint UnixEndpoint(const std::string& path);

// A connected socket that does not block; or errno, ETIMEDOUT when `deadline` came first.
struct Dialled {
  Socket socket;
  int error;
};
Dialled Dial(const Endpoint& endpoint, absl::Time deadline);

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_DIAL_H_
