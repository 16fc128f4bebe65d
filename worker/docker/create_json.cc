#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/docker/container_json.h"
#include "worker/docker/restart_policy.h"

namespace davit::docker {
namespace {

using worker::v1::ContainerSpec;

template <typename Repeated>
Json Strings(const Repeated& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(value);
  return list;
}

template <typename Map>
Json StringMap(const Map& values) {
  Json object = Json::object();
  for (const auto& [name, value] : values) object[name] = value;
  return object;
}

// Sorted, so that the same specification makes the same container.
Json Environment(const ContainerSpec& spec) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : spec.env()) lines.push_back(absl::StrCat(name, "=", value));
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string PortKey(const worker::v1::PortBinding& port) {
  return absl::StrCat(port.container_port(), "/",
                      port.protocol().empty() ? "tcp" : port.protocol());
}

Json ExposedPorts(const ContainerSpec& spec) {
  Json ports = Json::object();
  for (const auto& port : spec.ports()) ports[PortKey(port)] = Json::object();
  return ports;
}

Json PortBindings(const ContainerSpec& spec) {
  Json bindings = Json::object();
  for (const auto& port : spec.ports()) {
    const std::string host_port = port.host_port() == 0 ? "" : absl::StrCat(port.host_port());
    bindings[PortKey(port)].push_back({{"HostIp", port.host_ip()}, {"HostPort", host_port}});
  }
  return bindings;
}

Json Mounts(const ContainerSpec& spec) {
  Json mounts = Json::array();
  for (const auto& mount : spec.mounts()) {
    mounts.push_back({{"Type", absl::StartsWith(mount.source(), "/") ? "bind" : "volume"},
                      {"Source", mount.source()},
                      {"Target", mount.target()},
                      {"ReadOnly", mount.read_only()}});
  }
  return mounts;
}

Json Ulimits(const ContainerSpec& spec) {
  Json limits = Json::array();
  for (const auto& limit : spec.ulimits()) {
    limits.push_back({{"Name", limit.name()}, {"Soft", limit.soft()}, {"Hard", limit.hard()}});
  }
  return limits;
}

Json HostConfig(const ContainerSpec& spec, Json restart_policy) {
  return {{"PortBindings", PortBindings(spec)},
          {"Mounts", Mounts(spec)},
          {"RestartPolicy", std::move(restart_policy)},
          {"Memory", spec.memory_limit_bytes()},
          {"NanoCpus", spec.nano_cpus()},
          {"Ulimits", Ulimits(spec)},
          {"CapAdd", Strings(spec.cap_add())},
          {"CapDrop", Strings(spec.cap_drop())},
          {"ReadonlyRootfs", spec.read_only()},
          {"Tmpfs", StringMap(spec.tmpfs())},
          {"ExtraHosts", Strings(spec.extra_hosts())},
          {"LogConfig", {{"Type", spec.log_driver()}, {"Config", StringMap(spec.log_options())}}},
          {"Init", spec.init()},
          {"NetworkMode", spec.networks().empty() ? "default" : spec.networks(0)}};
}

bool HasNameService(absl::string_view network) {
  return network != "bridge" && network != "default" && network != "host" && network != "none" &&
         !absl::StartsWith(network, "container:");
}

// Docker counts in whole seconds; half a second must not become none.
int64_t WholeSeconds(const google::protobuf::Duration& duration) {
  return duration.seconds() + (duration.nanos() > 0 ? 1 : 0);
}

}  // namespace

Json EndpointJson(const ContainerSpec& spec, absl::string_view network) {
  if (!HasNameService(network)) return Json::object();
  return {{"Aliases", Strings(spec.network_aliases())}};
}

absl::StatusOr<Json> CreateContainerJson(const ContainerSpec& spec,
                                         absl::string_view restart_policy) {
  absl::StatusOr<Json> policy = RestartPolicyJson(restart_policy);
  if (!policy.ok()) return policy.status();
  Json body = {{"Image", spec.image()},
               {"Hostname", spec.hostname()},
               {"User", spec.user()},
               {"Env", Environment(spec)},
               {"Labels", StringMap(spec.labels())},
               {"ExposedPorts", ExposedPorts(spec)},
               {"HostConfig", HostConfig(spec, *std::move(policy))}};
  if (!spec.command().empty()) body["Cmd"] = Strings(spec.command());
  if (!spec.entrypoint().empty()) body["Entrypoint"] = Strings(spec.entrypoint());
  if (spec.has_stop_grace_period()) body["StopTimeout"] = WholeSeconds(spec.stop_grace_period());
  if (!spec.networks().empty() && HasNameService(spec.networks(0))) {
    body["NetworkingConfig"]["EndpointsConfig"][spec.networks(0)] =
        EndpointJson(spec, spec.networks(0));
  }
  return body;
}

}  // namespace davit::docker
