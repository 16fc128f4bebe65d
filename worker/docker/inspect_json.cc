#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "worker/docker/container_json.h"
#include "worker/docker/restart_policy.h"

namespace davit::docker {
namespace {

using worker::v1::ObservedContainer;
using worker::v1::PortBinding;

// One binding of `key` ("80/tcp"). All addresses are the empty one: Docker
// names those of IPv4 and IPv6 apart.
PortBinding Binding(absl::string_view key, const Json& binding) {
  PortBinding port;
  const size_t slash = key.find('/');
  int number = 0;
  if (absl::SimpleAtoi(key.substr(0, slash), &number)) port.set_container_port(number);
  if (slash != key.npos) port.set_protocol(std::string(key.substr(slash + 1)));
  if (absl::SimpleAtoi(StringAt(binding, "HostPort"), &number)) port.set_host_port(number);
  const std::string address = StringAt(binding, "HostIp");
  if (address != "0.0.0.0" && address != "::") port.set_host_ip(address);
  return port;
}

void AddPort(ObservedContainer& container, PortBinding port) {
  const bool known = std::any_of(container.ports().begin(), container.ports().end(),
                                 [&port](const PortBinding& other) {
                                   return other.SerializeAsString() == port.SerializeAsString();
                                 });
  if (!known) *container.add_ports() = std::move(port);
}

void ReadPorts(const Json& network_settings, ObservedContainer& container) {
  const Json& ports = At(network_settings, "Ports");
  if (!ports.is_object()) return;
  for (const auto& [key, bindings] : ports.items()) {
    if (!bindings.is_array()) continue;
    for (const Json& binding : bindings) AddPort(container, Binding(key, binding));
  }
}

void ReadState(const Json& state, ObservedContainer& container) {
  container.set_state(StringAt(state, "Status"));
  container.set_exit_code(static_cast<int32_t>(IntAt(state, "ExitCode")));
  const std::string health = StringAt(At(state, "Health"), "Status");
  if (health != "none") container.set_health(health);
  const absl::Time started = TimeOf(StringAt(state, "StartedAt"));
  if (started == absl::InfinitePast()) return;
  const int64_t nanos = absl::ToUnixNanos(started);
  container.mutable_start_time()->set_seconds(nanos / 1'000'000'000);
  container.mutable_start_time()->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

ObservedContainer ObservedOf(const Json& json) {
  const Json& config = At(json, "Config");
  const Json& host_config = At(json, "HostConfig");
  ObservedContainer container;
  container.set_id(StringAt(json, "Id"));
  container.set_name(std::string(absl::StripPrefix(StringAt(json, "Name"), "/")));
  container.set_image_id(StringAt(json, "Image"));
  container.set_image_reference(StringAt(config, "Image"));
  for (const auto& [name, value] : StringMapAt(config, "Labels")) {
    (*container.mutable_labels())[name] = value;
  }
  container.set_restart_policy(RestartPolicyText(At(host_config, "RestartPolicy")));
  container.set_auto_remove(BoolAt(host_config, "AutoRemove"));
  if (At(config, "StopTimeout").is_number()) {
    container.mutable_stop_timeout()->set_seconds(IntAt(config, "StopTimeout"));
  }
  ReadState(At(json, "State"), container);
  if (BoolAt(At(json, "State"), "Running")) ReadPorts(At(json, "NetworkSettings"), container);
  return container;
}

std::vector<std::string> AddressesOf(const Json& network_settings) {
  const Json& networks = At(network_settings, "Networks");
  std::vector<std::string> addresses;
  if (!networks.is_object()) return addresses;
  for (const absl::string_view key : {"IPAddress", "GlobalIPv6Address"}) {
    for (const auto& [name, network] : networks.items()) {
      std::string address = StringAt(network, key);
      if (!address.empty()) addresses.push_back(std::move(address));
    }
  }
  return addresses;
}

// A volume is called by its name, also one that Docker has named; a tmpfs is none.
void ReadMounts(const Json& mounts, worker::v1::ObservedSettings& settings) {
  if (!mounts.is_array()) return;
  for (const Json& entry : mounts) {
    const std::string type = StringAt(entry, "Type");
    if (type != "bind" && type != "volume") continue;
    worker::v1::Mount& mount = *settings.add_mounts();
    mount.set_source(StringAt(entry, type == "bind" ? "Source" : "Name"));
    mount.set_target(StringAt(entry, "Destination"));
    mount.set_read_only(!BoolAt(entry, "RW"));
  }
  std::sort(settings.mutable_mounts()->begin(), settings.mutable_mounts()->end(),
            [](const auto& a, const auto& b) { return a.target() < b.target(); });
}

worker::v1::ObservedSettings SettingsOf(const Json& container) {
  const Json& config = At(container, "Config");
  const Json& host_config = At(container, "HostConfig");
  const Json& networks = At(At(container, "NetworkSettings"), "Networks");
  worker::v1::ObservedSettings settings;
  ReadMounts(At(container, "Mounts"), settings);
  if (networks.is_object()) {
    for (const auto& [name, network] : networks.items()) {
      if (name != "bridge") settings.add_networks(name);
    }
  }
  settings.set_user(StringAt(config, "User"));
  for (std::string& word : StringsAt(config, "Cmd")) settings.add_command(std::move(word));
  for (std::string& word : StringsAt(config, "Entrypoint")) {
    settings.add_entrypoint(std::move(word));
  }
  settings.set_memory_limit_bytes(IntAt(host_config, "Memory"));
  settings.set_nano_cpus(IntAt(host_config, "NanoCpus"));
  return settings;
}

bool HasHealthcheck(const Json& config) {
  const std::vector<std::string> test = StringsAt(At(config, "Healthcheck"), "Test");
  return !test.empty() && test.front() != "NONE";
}

std::string LastHealthOutput(const Json& state) {
  const Json& log = At(At(state, "Health"), "Log");
  return log.is_array() && !log.empty() ? StringAt(log.back(), "Output") : "";
}

// The word in "Up 2 minutes (healthy)", "Up 1 second (health: starting)".
std::string HealthIn(absl::string_view status) {
  for (const absl::string_view health : {"(healthy)", "(unhealthy)", "(health: starting)"}) {
    if (absl::EndsWith(status, health)) return std::string(health);
  }
  return "";
}

}  // namespace

ContainerSummary ContainerSummaryOf(const Json& entry) {
  return {StringAt(entry, "Id"), StringAt(entry, "State"), HealthIn(StringAt(entry, "Status"))};
}

ContainerDetails ContainerDetailsOf(const Json& container) {
  const Json& state = At(container, "State");
  const Json& config = At(container, "Config");
  const Json& host_config = At(container, "HostConfig");
  ContainerDetails details;
  details.observed = ObservedOf(container);
  details.oom_killed = BoolAt(state, "OOMKilled");
  details.error = StringAt(state, "Error");
  details.restart_count = static_cast<int>(IntAt(container, "RestartCount"));
  details.finished_at = TimeOf(StringAt(state, "FinishedAt"));
  details.addresses = AddressesOf(At(container, "NetworkSettings"));
  details.network_mode = StringAt(host_config, "NetworkMode");
  details.log_driver = StringAt(At(host_config, "LogConfig"), "Type");
  details.tty = BoolAt(config, "Tty");
  details.has_healthcheck = HasHealthcheck(config);
  details.health_output = LastHealthOutput(state);
  details.settings = SettingsOf(container);
  details.env = StringsAt(config, "Env");
  std::sort(details.env.begin(), details.env.end());
  return details;
}

}  // namespace davit::docker
