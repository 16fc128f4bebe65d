#include "tests/support/listener.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "tests/support/unique.h"

namespace davit::test {
namespace {

constexpr int kBacklog = 100;

int Listen(const sockaddr* address, socklen_t size) {
  const int sock = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(sock, address, size) == 0 && listen(sock, kBacklog) == 0) return sock;
  std::cerr << "a test cannot listen" << std::endl;
  std::abort();
}

}  // namespace

SilentListener::SilentListener() : port_(FreePort()) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  address.sin_port = htons(static_cast<uint16_t>(port_));
  socket_ = Listen(reinterpret_cast<sockaddr*>(&address), sizeof(address));
}

SilentListener::SilentListener(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  socket_ = Listen(reinterpret_cast<sockaddr*>(&address), sizeof(address));
}

bool SilentListener::WaitForConnection(absl::Duration timeout) const {
  pollfd waiting{socket_, POLLIN, 0};
  return poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout))) == 1;
}

SilentListener::~SilentListener() { close(socket_); }

}  // namespace davit::test
