#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/spec/checks.h"
#include "common/spec/port.h"
#include "common/spec/problem_list.h"

namespace davit::spec {
namespace {

bool IsEveryAddress(absl::string_view ip) { return ip.empty() || ip == "0.0.0.0" || ip == "::"; }

// Who publishes what on the host.
class PublishedPorts {
 public:
  // The app that has the port already, or "".
  std::string Take(const PublishedPort& port, const std::string& app) {
    const std::string name = absl::StrCat(port.host_port, "/", port.protocol);
    Takers& takers = takers_[name];
    const bool every = IsEveryAddress(port.host_ip);
    if (!takers.every.empty()) return takers.every;
    if (every && !takers.by_ip.empty()) return takers.by_ip.begin()->second;
    if (every) {
      takers.every = app;
      return "";
    }
    const auto [taker, is_new] = takers.by_ip.emplace(port.host_ip, app);
    return is_new ? "" : taker->second;
  }

 private:
  struct Takers {
    std::string every;  // app that listens on every address
    // In order: which one is named must not differ from environment to environment.
    std::map<std::string, std::string> by_ip;
  };
  absl::flat_hash_map<std::string, Takers> takers_;
};

void CheckPortsOf(const std::string& app, const v1::Container& container, PublishedPorts& taken,
                  const Report& report) {
  const std::string path = PathOf(PathOf(PathOf("apps", app), "container"), "ports");
  for (int i = 0; i < container.ports_size(); ++i) {
    const auto port = ParsePort(container.ports(i));
    if (!port.ok()) continue;
    const std::string taker = taken.Take(*port, app);
    if (taker.empty()) continue;
    const std::string what = absl::StrCat("host port ", port->host_port, "/", port->protocol);
    report({PathOf(path, i),
            taker == app ? absl::StrCat(what, " is published twice")
                         : absl::StrCat(what, " is published by ", Quoted(taker), " already")});
  }
}

}  // namespace

void CheckSharing(const v1::EnvironmentSpec& spec, const Report& report) {
  PublishedPorts ports;
  absl::flat_hash_map<std::string, std::string> names;
  for (const std::string& app : AppNames(spec)) {
    const v1::Container& container = spec.apps().at(app).container();
    CheckPortsOf(app, container, ports, report);
    const std::string name =
        container.name().empty() ? absl::StrCat(spec.project(), "-", app) : container.name();
    const auto [taker, is_new] = names.emplace(name, app);
    if (is_new) continue;
    report({PathOf(PathOf(PathOf("apps", app), "container"), "name"),
            absl::StrCat("the container name ", Quoted(name), " is that of ", Quoted(taker->second),
                         " already")});
  }
}

}  // namespace davit::spec
