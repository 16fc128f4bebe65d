#include "worker/steps/host/port_owner.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/steps/host/proc_net.h"

namespace davit::steps {
namespace {

using worker::v1::PortBinding;

absl::string_view Protocol(const PortBinding& port) {
  return port.protocol() == "udp" ? "udp" : "tcp";
}

bool IsWildcard(absl::string_view address) {
  return address.empty() || address == "0.0.0.0" || address == "::";
}

bool AddressesMeet(absl::string_view a, absl::string_view b) {
  return IsWildcard(a) || IsWildcard(b) || a == b;
}

absl::Status FromBindErrno(int error) {
  switch (error) {
    case EADDRINUSE:
      return absl::AlreadyExistsError("taken");
    case EADDRNOTAVAIL:
      return absl::NotFoundError("not an address of this host");
    default:
      return absl::OkStatus();  // not ours to judge; Docker may do better
  }
}

absl::Status BindTo(const PortBinding& port, int family, const sockaddr* address,
                    socklen_t length) {
  const int type = Protocol(port) == "udp" ? SOCK_DGRAM : SOCK_STREAM;
  const int fd = socket(family, type | SOCK_CLOEXEC, 0);
  if (fd < 0) return absl::OkStatus();
  const absl::Cleanup close_fd = [fd] { close(fd); };
  const int on = 1;
  // As Docker: connections that are closing do not count, listeners do.
  if (type == SOCK_STREAM) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  return bind(fd, address, length) == 0 ? absl::OkStatus() : FromBindErrno(errno);
}

absl::Status BindV4(const PortBinding& port, const char* ip) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port.host_port()));
  if (inet_pton(AF_INET, ip, &address.sin_addr) != 1) return absl::NotFoundError("no address");
  return BindTo(port, AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

absl::Status BindV6(const PortBinding& port, const char* ip) {
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(static_cast<uint16_t>(port.host_port()));
  if (inet_pton(AF_INET6, ip, &address.sin6_addr) != 1) return absl::NotFoundError("no address");
  return BindTo(port, AF_INET6, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

}  // namespace

std::string Describe(const PortBinding& port) {
  const bool v6 = absl::StrContains(port.host_ip(), ':');
  const std::string ip = port.host_ip().empty() ? ""
                         : v6                   ? absl::StrCat("[", port.host_ip(), "]:")
                                                : absl::StrCat(port.host_ip(), ":");
  return absl::StrCat(ip, port.host_port(), "/", Protocol(port));
}

bool Collide(const PortBinding& a, const PortBinding& b) {
  return a.host_port() > 0 && a.host_port() == b.host_port() && Protocol(a) == Protocol(b) &&
         AddressesMeet(a.host_ip(), b.host_ip());
}

const worker::v1::ObservedContainer* FindPublisher(
    const PortBinding& port, absl::Span<const worker::v1::ObservedContainer> containers) {
  for (const worker::v1::ObservedContainer& container : containers) {
    for (const PortBinding& published : container.ports()) {
      if (Collide(port, published)) return &container;
    }
  }
  return nullptr;
}

absl::Status TryBind(const PortBinding& port) {
  if (absl::StrContains(port.host_ip(), ':')) return BindV6(port, port.host_ip().c_str());
  if (!port.host_ip().empty()) return BindV4(port, port.host_ip().c_str());
  if (absl::Status status = BindV4(port, "0.0.0.0"); !status.ok()) return status;
  return BindV6(port, "::");
}

std::string DescribeListener(const PortBinding& port) {
  for (const ListeningSocket& socket : ListeningSockets("self", Protocol(port))) {
    if (socket.port != port.host_port()) continue;
    if (!AddressesMeet(socket.address, port.host_ip())) continue;
    if (const auto owner = FindSocketOwner(socket.inode)) {
      return absl::StrCat(owner->name, " (process ", owner->pid, ") listens on ",
                          socket.ToString());
    }
    return absl::StrCat("a process that the worker may not see listens on ", socket.ToString());
  }
  return "who has it cannot be told from here";
}

}  // namespace davit::steps
