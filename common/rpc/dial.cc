#include "common/rpc/dial.h"

#include <netdb.h>
#include <poll.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/address.h"

namespace davit {
namespace {

struct Lookup {
  absl::Notification done;
  int error = 0;
  std::vector<Endpoint> endpoints;
};

std::string NumericText(const sockaddr* address, socklen_t length, int port) {
  char host[NI_MAXHOST] = "";
  getnameinfo(address, length, host, sizeof(host), nullptr, 0, NI_NUMERICHOST);
  return ToText(TcpAddress(host, port));
}

void LookUp(const std::string& host, int port, Lookup& lookup) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  lookup.error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  for (const addrinfo* entry = found; lookup.error == 0 && entry != nullptr;
       entry = entry->ai_next) {
    Endpoint& endpoint = lookup.endpoints.emplace_back();
    std::memcpy(&endpoint.address, entry->ai_addr, entry->ai_addrlen);
    endpoint.length = entry->ai_addrlen;
    endpoint.text = NumericText(entry->ai_addr, entry->ai_addrlen, port);
  }
  if (found != nullptr) freeaddrinfo(found);
  lookup.done.Notify();
}

absl::Status LookupError(int error, const std::string& host) {
  if (error == EAI_NONAME || error == EAI_NODATA) {
    return absl::NotFoundError(absl::StrCat("the name ", host, " has no address"));
  }
  if (error == EAI_AGAIN) {
    return absl::UnavailableError(absl::StrCat("no name server answers for ", host));
  }
  return absl::UnavailableError(
      absl::StrCat("the name ", host, " cannot be looked up: ", gai_strerror(error)));
}

// The outcome of a connect() that goes on.
int AwaitConnected(int fd, absl::Time deadline) {
  while (true) {
    const absl::Duration left = std::min(deadline - absl::Now(), absl::Hours(1));
    if (left <= absl::ZeroDuration()) return ETIMEDOUT;
    pollfd entry = {fd, POLLOUT, 0};
    const auto milliseconds = absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1)));
    const int ready = poll(&entry, 1, static_cast<int>(milliseconds));
    if (ready < 0 && errno != EINTR) return errno;
    if (ready <= 0) continue;
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
  }
}

}  // namespace

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<std::vector<Endpoint>> Resolve(const std::string& host, int port,
                                              absl::Time deadline) {
  // getaddrinfo() takes the time it wants; who waited too long leaves it behind.
  const auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, host, port] { LookUp(host, port, *lookup); }).detach();
  if (!lookup->done.WaitForNotificationWithDeadline(deadline)) {
    return absl::DeadlineExceededError(
        absl::StrCat("no name server answers for ", host, " in time"));
  }
  if (lookup->error != 0) return LookupError(lookup->error, host);
  return lookup->endpoints;
}

Endpoint UnixEndpoint(const std::string& path) {
  Endpoint endpoint;
  auto* address = reinterpret_cast<sockaddr_un*>(&endpoint.address);
  address->sun_family = AF_UNIX;
  std::memcpy(address->sun_path, path.data(), std::min(path.size(), sizeof(address->sun_path) - 1));
  endpoint.length = sizeof(*address);
  endpoint.text = path;
  return endpoint;
}

Dialled Dial(const Endpoint& endpoint, absl::Time deadline) {
  Socket dialling(
      socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (dialling.fd() < 0) return {std::move(dialling), errno};
  const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.address);
  int error = connect(dialling.fd(), address, endpoint.length) == 0 ? 0 : errno;
  if (error == EINPROGRESS) error = AwaitConnected(dialling.fd(), deadline);
  return {std::move(dialling), error};
}

}  // namespace davit
