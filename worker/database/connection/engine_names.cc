#include "worker/database/connection/engine_names.h"

#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "worker/docker/json.h"

namespace davit::database {
namespace {

using docker::At;
using docker::Json;
using docker::StringAt;
using docker::StringsAt;

// What is at `path`; null where there is no such thing.
absl::StatusOr<Json> Look(docker::HttpClient& http, const std::string& path, const Call& call) {
  const absl::StatusOr<docker::HttpResponse> response = http.Send({.path = path}, call);
  if (!response.ok()) return response.status();
  if (response->status == 404) return Json();
  if (!response->ok()) {
    return absl::UnavailableError(absl::StrCat("the engine answers ", response->status));
  }
  return docker::ParseJson(response->body);
}

bool AnswersTo(const Json& container, const Json& endpoint, absl::string_view name) {
  std::vector<std::string> names = StringsAt(endpoint, "Aliases");
  names.emplace_back(absl::StripPrefix(StringAt(container, "Name"), "/"));
  return std::any_of(names.begin(), names.end(),
                     [name](const std::string& own) { return absl::EqualsIgnoreCase(own, name); });
}

// The IPv4 address of a network interface of this host; empty: it has none.
std::string InterfaceAddress(const std::string& interface) {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return "";
  const absl::Cleanup free_all = [all] { freeifaddrs(all); };
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (interface != one->ifa_name || one->ifa_addr == nullptr) continue;
    if (one->ifa_addr->sa_family != AF_INET) continue;
    std::array<char, NI_MAXHOST> text{};
    getnameinfo(one->ifa_addr, sizeof(sockaddr_in), text.data(), text.size(), nullptr, 0,
                NI_NUMERICHOST);
    return text.data();
  }
  return "";
}

}  // namespace

absl::StatusOr<std::string> EngineNames::AddressIn(absl::string_view network,
                                                   absl::string_view name, const Call& call) {
  const absl::StatusOr<Json> found =
      Look(http_, absl::StrCat("/networks/", docker::UrlEscape(network)), call);
  if (!found.ok()) return found.status();
  const Json& members = At(*found, "Containers");
  if (!members.is_object()) return "";
  for (const auto& [id, member] : members.items()) {
    const absl::StatusOr<Json> container =
        Look(http_, absl::StrCat("/containers/", docker::UrlEscape(id), "/json"), call);
    if (!container.ok()) return container.status();
    const Json& endpoint = At(At(At(*container, "NetworkSettings"), "Networks"), network);
    if (!AnswersTo(*container, endpoint, name)) continue;
    const std::string four = StringAt(endpoint, "IPAddress");
    return four.empty() ? StringAt(endpoint, "GlobalIPv6Address") : four;
  }
  return "";
}

absl::StatusOr<std::string> EngineNames::HostGateway(const Call& call) {
  const absl::StatusOr<Json> bridge = Look(http_, "/networks/bridge", call);
  if (!bridge.ok()) return bridge.status();
  const Json& configs = At(At(*bridge, "IPAM"), "Config");
  for (const Json& config : configs.is_array() ? configs : Json::array()) {
    std::string gateway = StringAt(config, "Gateway");
    if (!gateway.empty()) return gateway;
  }
  // An engine that made the bridge by itself tells no gateway of it.
  std::string address =
      InterfaceAddress(StringAt(At(*bridge, "Options"), "com.docker.network.bridge.name"));
  if (!address.empty()) return address;
  return absl::NotFoundError("the engine has no default bridge network, so no host-gateway");
}

}  // namespace davit::database
