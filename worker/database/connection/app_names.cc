#include "worker/database/connection/app_names.h"

#include <arpa/inet.h>

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/database/connection/connect_reason.h"

namespace davit::database {
namespace {

constexpr absl::string_view kHostName = "host.docker.internal";

bool IsAddress(const std::string& name) {
  in6_addr buffer;
  return inet_pton(AF_INET, name.c_str(), &buffer) == 1 ||
         inet_pton(AF_INET6, name.c_str(), &buffer) == 1;
}

bool IsLoopback(absl::string_view name) {
  return name == "localhost" || name == "::1" || absl::StartsWith(name, "127.");
}

absl::Status NoServerThere(absl::string_view why) {
  return ConnectStatus(ConnectReason::kNameNotFound, why);
}

// The host's path of a container's; none where no mount brings it there.
std::optional<std::string> PathOnHost(const AppNetwork& network, const std::string& path) {
  for (const auto& [inside, outside] : network.directories) {
    if (path == inside || absl::StartsWith(path, absl::StrCat(inside, "/"))) {
      return absl::StrCat(outside, path.substr(inside.size()));
    }
  }
  return std::nullopt;
}

absl::Status MapSocket(const AppNetwork& network, DatabaseHost& host) {
  std::optional<std::string> path = PathOnHost(network, host.name);
  if (!path.has_value()) {
    return NoServerThere(absl::StrCat("the URL names a unix socket in ", host.name,
                                      ", and no mount brings that directory into the containers"));
  }
  host.name = *std::move(path);
  return absl::OkStatus();
}

void MapFiles(const AppNetwork& network, DatabaseUrl& url) {
  for (const char* key : {"sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile"}) {
    const auto option = url.options.find(key);
    if (option == url.options.end()) continue;
    option->second = PathOnHost(network, option->second).value_or(option->second);
  }
}

// As Docker's name service does: the networks in their order.
absl::StatusOr<std::string> FindContainer(const AppNetwork& network, absl::string_view name,
                                          ContainerNames& names, const Call& call) {
  for (const std::string& joined : network.networks) {
    absl::StatusOr<std::string> address = names.AddressIn(joined, name, call);
    if (!address.ok() || !address->empty()) return address;
  }
  return "";
}

// /etc/hosts first, then the networks; empty: as the host has it.
absl::StatusOr<std::string> AddressOf(const std::string& name, const AppNetwork& network,
                                      ContainerNames& names, const Call& call) {
  if (const auto line = network.extra_hosts.find(name); line != network.extra_hosts.end()) {
    if (line->second == "host-gateway") return names.HostGateway(call);
    return line->second;
  }
  absl::StatusOr<std::string> address = FindContainer(network, name, names, call);
  if (address.ok() && address->empty() && name == kHostName) {
    return NoServerThere(absl::StrCat(kHostName,
                                      " is no name in the containers: it needs extra_hosts: [",
                                      kHostName, ":host-gateway]"));
  }
  return address;
}

absl::Status ResolveHost(const AppNetwork& network, ContainerNames& names, const Call& call,
                         DatabaseHost& host) {
  if (host.IsSocket()) return MapSocket(network, host);
  const bool named = network.extra_hosts.contains(host.name);
  if (IsLoopback(host.name) && !network.host_network && !named) {
    return NoServerThere(
        absl::StrCat(host.name,
                     " in the URL is, within a container, that container itself; name the "
                     "database's container, or host.docker.internal for a server on this host"));
  }
  if (IsAddress(host.name)) return absl::OkStatus();
  absl::StatusOr<std::string> address =
      AddressOf(absl::AsciiStrToLower(host.name), network, names, call);
  if (!address.ok()) return address.status();
  host.address = *std::move(address);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DatabaseUrl> ResolveAsApp(DatabaseUrl url, const AppNetwork& network,
                                         ContainerNames& names, const Call& call) {
  MapFiles(network, url);
  for (DatabaseHost& host : url.hosts) {
    const absl::Status resolved = ResolveHost(network, names, call, host);
    if (!resolved.ok()) return resolved;
  }
  return url;
}

}  // namespace davit::database
