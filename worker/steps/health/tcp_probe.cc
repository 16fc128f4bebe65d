#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/steps/health/probe.h"

namespace davit::steps {
namespace {

constexpr absl::Duration kLookForCancel = absl::Milliseconds(100);

ProbeResult Failed(v1::FailureCode code, std::string summary) {
  ProbeResult result;
  result.code = code;
  result.summary = std::move(summary);
  return result;
}

ProbeResult FromErrno(int error) {
  if (error == 0) {
    ProbeResult result;
    result.healthy = true;
    return result;
  }
  if (error == ECONNREFUSED) return Failed(v1::HEALTH_REFUSED, "connection refused");
  return Failed(v1::HEALTH_TIMEOUT, std::strerror(error));
}

struct Address {
  sockaddr_storage storage = {};
  socklen_t length = 0;
};

bool ParseAddress(const std::string& ip, int port, Address& address) {
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, ip.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<uint16_t>(port));
    address.length = sizeof(sockaddr_in);
    return true;
  }
  if (inet_pton(AF_INET6, ip.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<uint16_t>(port));
    address.length = sizeof(sockaddr_in6);
    return true;
  }
  return false;
}

// Waits for a connection that has been begun; in slices, for the call's sake.
ProbeResult Await(int fd, const Call& call) {
  while (call.Check().ok()) {
    const absl::Duration slice = std::min(kLookForCancel, call.Remaining());
    pollfd waiting = {fd, POLLOUT, 0};
    const int64_t ms = std::max<int64_t>(1, absl::ToInt64Milliseconds(slice));
    if (poll(&waiting, 1, static_cast<int>(ms)) <= 0) continue;
    int error = 0;
    socklen_t length = sizeof(error);
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    return FromErrno(error);
  }
  return Failed(v1::HEALTH_TIMEOUT, "no connection in time");
}

class TcpProbe final : public Probe {
 public:
  explicit TcpProbe(int port) : port_(port) {}

  std::string Describe(const docker::ContainerDetails& container) const override {
    const std::string address = TargetAddress(container);
    return absl::StrContains(address, ':') ? absl::StrCat("tcp [", address, "]:", port_)
                                           : absl::StrCat("tcp ", address, ":", port_);
  }

  ProbeResult Run(const docker::ContainerDetails& container, const Call& call) override {
    Address address;
    if (!ParseAddress(TargetAddress(container), port_, address)) {
      return Failed(v1::HEALTH_REFUSED, "the container has no network address");
    }
    const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return FromErrno(errno);
    const absl::Cleanup close_fd = [fd] { close(fd); };
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0) {
      return FromErrno(0);
    }
    return errno == EINPROGRESS ? Await(fd, call) : FromErrno(errno);
  }

 private:
  const int port_;
};

}  // namespace

std::unique_ptr<Probe> MakeTcpProbe(const v1::TcpProbe& probe) {
  return std::make_unique<TcpProbe>(probe.port());
}

}  // namespace davit::steps
