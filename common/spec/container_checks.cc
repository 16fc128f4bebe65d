#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/spec/address.h"
#include "common/spec/checks.h"
#include "common/spec/name.h"
#include "common/spec/port.h"
#include "common/spec/problem_list.h"
#include "common/spec/suggest.h"

namespace davit::spec {
namespace {

// Docker refuses less: the process itself would not start.
constexpr int64_t kLeastMemory = 6 << 20;

void CheckPorts(const v1::Container& container, const std::string& path, const Report& report) {
  for (int i = 0; i < container.ports_size(); ++i) {
    const auto port = ParsePort(container.ports(i));
    if (!port.ok()) report({PathOf(path, i), std::string(port.status().message())});
  }
}

void CheckNetworks(const v1::Container& container, const std::string& path, const Report& report) {
  absl::flat_hash_set<absl::string_view> seen;
  for (int i = 0; i < container.networks_size(); ++i) {
    const std::string& name = container.networks(i);
    if (!IsNetworkName(name)) {
      report({PathOf(path, i),
              absl::StrCat("the network ", Quoted(name), " must be ", kNetworkNameSays)});
    } else if (!seen.insert(name).second) {
      report({PathOf(path, i), absl::StrCat("the network ", Quoted(name), " is listed twice")});
    }
  }
}

// Docker would take `ports` and publish none, and refuses a second network.
void CheckNetworkMode(const v1::Container& container, const std::string& path,
                      const Report& report) {
  for (const std::string& name : container.networks()) {
    if (name != "host" && name != "none") continue;
    if (container.ports_size() > 0) {
      report({PathOf(path, "ports"),
              absl::StrCat("`ports` are not published on the network `", name, "`: ",
                           name == "host" ? "there the container has the host's own ports"
                                          : "there the container has no network",
                           "; leave one of the two out")});
    }
    if (container.networks_size() > 1) {
      report({PathOf(path, "networks"),
              absl::StrCat("the network `", name, "` cannot be combined with others")});
    }
    return;
  }
}

void CheckExtraHosts(const v1::Container& container, const std::string& path,
                     const Report& report) {
  for (int i = 0; i < container.extra_hosts_size(); ++i) {
    const absl::string_view line = container.extra_hosts(i);
    const size_t colon = line.find(':');
    const absl::string_view name = line.substr(0, colon);
    const absl::string_view address =
        colon == absl::string_view::npos ? absl::string_view() : line.substr(colon + 1);
    if (!IsHostName(name)) {
      report({PathOf(path, i), "an extra host is NAME:ADDRESS, such as \"db:10.0.0.5\""});
    } else if (address != "host-gateway" && !IsIpv4(address) && !IsIpv6(address)) {
      report({PathOf(path, i), "the address of an extra host must be IPv4, IPv6 or host-gateway"});
    }
  }
}

void CheckLabels(const v1::Container& container, const std::string& path, const Report& report) {
  for (const auto& [name, value] : container.labels()) {
    if (name.empty()) {
      report({PathOf(path, name), "a label needs a name", /*at_key=*/true});
    } else if (absl::StartsWith(name, "davit.")) {
      report({PathOf(path, name), "labels that begin with `davit.` are Davit's own",
              /*at_key=*/true});
    }
  }
}

const std::vector<std::string>& KnownUlimits() {
  static const auto& known = *new std::vector<std::string>{
      "core",   "cpu",   "data", "fsize",  "locks",  "memlock",    "msgqueue", "nice",
      "nofile", "nproc", "rss",  "rtprio", "rttime", "sigpending", "stack"};
  return known;
}

void CheckUlimits(const v1::Container& container, const std::string& path, const Report& report) {
  for (const auto& [name, limit] : container.ulimits()) {
    const std::string entry = PathOf(path, name);
    const auto& known = KnownUlimits();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      report({entry, absl::StrCat("unknown limit ", Quoted(name), DidYouMean(name, known)),
              /*at_key=*/true});
    }
    if (limit.hard() < -1 || (limit.has_soft() && limit.soft() < -1)) {
      report({entry, "a limit must be 0 or more, or -1 for none", /*at_key=*/true});
    } else if (limit.has_soft() && limit.hard() != -1 &&
               (limit.soft() == -1 || limit.soft() > limit.hard())) {
      report({PathOf(entry, "soft"), "`soft` must not be above `hard`"});
    }
  }
}

void CheckLimits(const v1::Container& container, const std::string& path, const Report& report) {
  if (!std::isfinite(container.cpus()) || container.cpus() < 0) {
    report({PathOf(path, "cpus"), "`cpus` must not be negative"});
  }
  if (container.mem_limit() < 0) {
    report({PathOf(path, "mem_limit"), "`mem_limit` must not be negative"});
  } else if (container.mem_limit() > 0 && container.mem_limit() < kLeastMemory) {
    report({PathOf(path, "mem_limit"), "`mem_limit` must be at least 6MiB, or 0 for none"});
  }
}

}  // namespace

void CheckContainer(const v1::Container& container, const std::string& path, const Report& report) {
  if (container.name().size() == 1) {
    report({PathOf(path, "name"), "`name` must have two characters at least"});
  }
  if (!container.hostname().empty() && !IsHostName(container.hostname())) {
    report({PathOf(path, "hostname"), absl::StrCat("`hostname` must be ", kHostNameSays)});
  }
  CheckPorts(container, PathOf(path, "ports"), report);
  CheckNetworks(container, PathOf(path, "networks"), report);
  CheckNetworkMode(container, path, report);
  CheckExtraHosts(container, PathOf(path, "extra_hosts"), report);
  CheckLabels(container, PathOf(path, "labels"), report);
  CheckUlimits(container, PathOf(path, "ulimits"), report);
  CheckLimits(container, path, report);
}

}  // namespace davit::spec
