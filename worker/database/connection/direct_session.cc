#include "worker/database/connection/direct_session.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include "absl/strings/numbers.h"

namespace davit::database {
namespace {

// An address's bytes: 4 or 16 of them.
using AddressBytes = std::vector<uint8_t>;

struct Endpoint {
  AddressBytes address;
  int port = 0;
  bool operator==(const Endpoint&) const = default;
};

// A network that an interface of this host is in.
struct LocalNetwork {
  AddressBytes address, mask;

  bool Has(const AddressBytes& other) const {
    if (other.size() != address.size() || mask.size() != address.size()) return false;
    for (size_t i = 0; i < address.size(); ++i) {
      if ((other[i] & mask[i]) != (address[i] & mask[i])) return false;
    }
    return true;
  }
};

template <typename In>
AddressBytes BytesOf(const In& in) {
  const auto* begin = reinterpret_cast<const uint8_t*>(&in);
  return {begin, begin + sizeof(in)};
}

Endpoint EndpointOf(const sockaddr* address) {
  if (address == nullptr) return {};
  if (address->sa_family == AF_INET) {
    const auto& four = *reinterpret_cast<const sockaddr_in*>(address);
    return {BytesOf(four.sin_addr), ntohs(four.sin_port)};
  }
  if (address->sa_family != AF_INET6) return {};
  const auto& six = *reinterpret_cast<const sockaddr_in6*>(address);
  AddressBytes bytes = BytesOf(six.sin6_addr);
  if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) bytes.erase(bytes.begin(), bytes.begin() + 12);
  return {std::move(bytes), ntohs(six.sin6_port)};
}

AddressBytes Parsed(const std::string& text) {
  in_addr four = {};
  in6_addr six = {};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) return BytesOf(four);
  if (inet_pton(AF_INET6, text.c_str(), &six) == 1) return BytesOf(six);
  return {};
}

std::optional<Endpoint> EndOf(int socket, int (*ask)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (ask(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return std::nullopt;
  return EndpointOf(reinterpret_cast<const sockaddr*>(&address));
}

// Whether this process has a connection from that port to that end. Its address is not asked for:
// on the way to its own addresses a host with Docker gives itself another one of its own.
bool HasConnection(int port, const Endpoint& there) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    int fd = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &fd)) continue;
    const auto here = EndOf(fd, getsockname);
    if (here.has_value() && here->port == port && EndOf(fd, getpeername) == there) return true;
  }
  return false;
}

std::vector<LocalNetwork> LocalNetworks() {
  ifaddrs* listed = nullptr;
  if (getifaddrs(&listed) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(listed, &freeifaddrs);
  std::vector<LocalNetwork> networks;
  for (const ifaddrs* one = listed; one != nullptr; one = one->ifa_next) {
    AddressBytes address = EndpointOf(one->ifa_addr).address;
    if (address.empty()) continue;
    networks.push_back({std::move(address), EndpointOf(one->ifa_netmask).address});
  }
  return networks;
}

bool IsOwn(const AddressBytes& address, const std::vector<LocalNetwork>& networks) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const LocalNetwork& network) { return network.address == address; });
}

bool IsUnmistakable(const AddressBytes& address, const AddressBytes& server,
                    const std::vector<LocalNetwork>& networks) {
  const bool server_is_here = IsOwn(server, networks);
  return std::any_of(networks.begin(), networks.end(), [&](const LocalNetwork& network) {
    return network.Has(address) && (server_is_here || network.Has(server));
  });
}

// The server's end of the session where that is direct.
absl::StatusOr<std::optional<Endpoint>> DirectServer(Connection& connection,
                                                     const std::vector<LocalNetwork>& networks,
                                                     const Call& call) {
  const auto ends = connection.Query(
      "SELECT host(inet_client_addr()), inet_client_port(), host(inet_server_addr()), "
      "inet_server_port()",
      call);
  if (!ends.ok()) return ends.status();
  Endpoint here = {Parsed(ends->Text(0, 0)), 0}, there = {Parsed(ends->Text(0, 2)), 0};
  const bool direct = absl::SimpleAtoi(ends->Text(0, 1), &here.port) &&
                      absl::SimpleAtoi(ends->Text(0, 3), &there.port) &&
                      HasConnection(here.port, there) && IsOwn(here.address, networks);
  return direct ? std::make_optional(std::move(there)) : std::nullopt;
}

}  // namespace

absl::StatusOr<bool> IsDirect(Connection& connection, const Call& call) {
  const auto server = DirectServer(connection, LocalNetworks(), call);
  if (!server.ok()) return server.status();
  return server->has_value();
}

absl::StatusOr<std::vector<std::string>> UnmistakableAddresses(
    Connection& connection, const std::vector<std::string>& addresses, const Call& call) {
  const std::vector<LocalNetwork> networks = LocalNetworks();
  const auto server = DirectServer(connection, networks, call);
  if (!server.ok()) return server.status();
  std::vector<std::string> certain;
  if (!server->has_value()) return certain;
  for (const std::string& address : addresses) {
    if (IsUnmistakable(Parsed(address), (*server)->address, networks)) certain.push_back(address);
  }
  return certain;
}

}  // namespace davit::database
