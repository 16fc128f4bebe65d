#include "controller/core/comparison/settings.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "controller/core/comparison/flatten.h"
#include "controller/core/proto_time.h"

namespace davit::core {
namespace {

using worker::v1::ContainerSpec;

constexpr size_t kDigestShown = 12;

void Set(const char* key, std::string value, Settings& settings) {
  if (!value.empty()) settings[absl::StrCat("container ", key)] = {std::move(value), ""};
}

template <typename Map>
std::string ShowMap(const Map& map, absl::string_view but_prefix) {
  std::set<std::string> entries;
  for (const auto& [key, value] : map) {
    if (!but_prefix.empty() && absl::StartsWith(key, but_prefix)) continue;
    entries.insert(value.empty() ? key : absl::StrCat(key, "=", value));
  }
  return absl::StrJoin(entries, ", ");
}

template <typename List, typename Show>
std::string ShowList(const List& list, Show show) {
  return absl::StrJoin(
      list, ", ", [&](std::string* text, const auto& item) { absl::StrAppend(text, show(item)); });
}

std::string ShowPort(const worker::v1::PortBinding& port) {
  return absl::StrCat(port.host_ip(), port.host_ip().empty() ? "" : ":", port.host_port(), ":",
                      port.container_port(), port.protocol() == "udp" ? "/udp" : "");
}

std::string ShowMount(const worker::v1::Mount& mount) {
  return absl::StrCat(mount.source(), ":", mount.target(), mount.read_only() ? ":ro" : "");
}

std::string ShowUlimit(const worker::v1::Ulimit& limit) {
  return absl::StrCat(limit.name(), "=", limit.soft(), ":", limit.hard());
}

std::string ShowDuration(const google::protobuf::Duration& duration) {
  return absl::FormatDuration(FromProto(duration));
}

std::string ShowSecret(const worker::v1::SecretUse& use) {
  return absl::StrCat("secret ", use.name(), ", version ", use.version(),
                      use.environment().empty() ? " of the project" : "");
}

void AddEnvSettings(const ContainerSpec& container, Settings& settings) {
  for (const auto& [name, value] : container.env()) {
    // Clear and empty is something else than not there.
    settings[absl::StrCat("env ", name)] = {value.empty() ? "\"\"" : value, ""};
  }
  for (const auto& [name, use] : container.secret_env()) {
    settings[absl::StrCat("env ", name)] = {ShowSecret(use), ""};
  }
}

void AddFileSettings(const ContainerSpec& container, Settings& settings) {
  for (const worker::v1::ReleaseFile& file : container.files()) {
    const std::string what = file.env_format().empty()
                                 ? absl::StrCat(file.content().size(), " bytes")
                                 : absl::StrCat("the environment as ", file.env_format());
    const std::string shown = absl::StrCat(what, ", owner ", file.owner(), ", mode ", file.mode());
    settings[absl::StrCat("file ", file.target())] = {shown, absl::StrCat(shown, file.content())};
  }
}

void AddProcessSettings(const ContainerSpec& container, Settings& settings) {
  Set("name", container.service_name(), settings);
  Set("command", absl::StrJoin(container.command(), " "), settings);
  Set("entrypoint", absl::StrJoin(container.entrypoint(), " "), settings);
  Set("user", container.user(), settings);
  Set("hostname", container.hostname(), settings);
  Set("init", container.init() ? "true" : "", settings);
  Set("cap_add", absl::StrJoin(container.cap_add(), ", "), settings);
  Set("cap_drop", absl::StrJoin(container.cap_drop(), ", "), settings);
  Set("read_only", container.read_only() ? "true" : "", settings);
  Set("restart", container.restart_policy(), settings);
  Set("stop_grace_period", ShowDuration(container.stop_grace_period()), settings);
}

void AddPlaceSettings(const ContainerSpec& container, Settings& settings) {
  Set("tmpfs", ShowMap(container.tmpfs(), ""), settings);
  Set("ulimits", ShowList(container.ulimits(), ShowUlimit), settings);
  Set("logging",
      absl::StrCat(container.log_driver(), container.log_options().empty() ? "" : ": ",
                   ShowMap(container.log_options(), "")),
      settings);
  Set("labels", ShowMap(container.labels(), "davit."), settings);
  Set("ports", ShowList(container.ports(), ShowPort), settings);
  Set("networks", absl::StrJoin(container.networks(), ", "), settings);
  Set("extra_hosts", absl::StrJoin(container.extra_hosts(), ", "), settings);
  Set("volumes", ShowList(container.mounts(), ShowMount), settings);
  if (container.memory_limit_bytes() > 0) {
    Set("mem_limit", absl::StrCat(container.memory_limit_bytes(), " bytes"), settings);
  }
  if (container.nano_cpus() > 0) {
    Set("cpus", absl::StrCat(static_cast<double>(container.nano_cpus()) / 1e9), settings);
  }
}

std::string Exact(const Setting& setting) {
  return setting.exact.empty() ? setting.shown : setting.exact;
}

}  // namespace

std::string ShowImage(const std::string& reference, const std::string& digest,
                      const std::string& image_id) {
  if (absl::StrContains(reference, "@")) return reference;
  absl::string_view hash = digest.empty() ? image_id : digest;
  hash = hash.substr(hash.rfind(':') + 1).substr(0, kDigestShown);
  return hash.empty() ? reference : absl::StrCat(reference, " (", hash, ")");
}

Settings SettingsOf(const ContainerSpec& container, const v1::Healthcheck& check) {
  Settings settings;
  AddEnvSettings(container, settings);
  AddFileSettings(container, settings);
  AddProcessSettings(container, settings);
  AddPlaceSettings(container, settings);
  for (auto& [field, value] : Flatten(check)) {
    settings[absl::StrCat("healthcheck ", field)] = {value, ""};
  }
  return settings;
}

Settings SettingsOf(const worker::v1::ObservedContainer& container) {
  Settings settings;
  Set("name", container.name(), settings);
  Set("restart", container.restart_policy(), settings);
  Set("ports", ShowList(container.ports(), ShowPort), settings);
  if (container.has_stop_timeout()) {
    Set("stop_grace_period", ShowDuration(container.stop_timeout()), settings);
  }
  return settings;
}

void AddDifferences(const Settings& before, const Settings& after, v1::AppChange& change) {
  std::set<std::string> keys;
  for (const auto& [key, setting] : before) keys.insert(key);
  for (const auto& [key, setting] : after) keys.insert(key);
  for (const std::string& key : keys) {
    const auto old = before.find(key);
    const auto fresh = after.find(key);
    const Setting from = old == before.end() ? Setting() : old->second;
    const Setting to = fresh == after.end() ? Setting() : fresh->second;
    if (Exact(from) == Exact(to)) continue;
    v1::Difference& difference = *change.add_differences();
    difference.set_what(key);
    difference.set_before(from.shown);
    difference.set_after(from.shown == to.shown ? absl::StrCat(to.shown, ", other text")
                                                : to.shown);
  }
}

}  // namespace davit::core
