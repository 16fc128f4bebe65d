#include "controller/core/comparison/seen_settings.h"

#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace davit::core {
namespace {

// A container of ours with no more than what is seen of others.
worker::v1::ContainerSpec AsContainer(const worker::v1::ObservedSettings& seen) {
  worker::v1::ContainerSpec container;
  container.set_user(seen.user());
  *container.mutable_command() = seen.command();
  *container.mutable_entrypoint() = seen.entrypoint();
  container.set_memory_limit_bytes(seen.memory_limit_bytes());
  container.set_nano_cpus(seen.nano_cpus());
  *container.mutable_mounts() = seen.mounts();
  *container.mutable_networks() = seen.networks();
  return container;
}

// Volumes and networks one by one: each can be lost.
void AddPlaces(const worker::v1::ContainerSpec& container, Settings& settings) {
  for (const worker::v1::Mount& mount : container.mounts()) {
    settings[absl::StrCat("volume ", mount.target())] = {
        absl::StrCat(mount.source(), mount.read_only() ? ", read-only" : ""), ""};
  }
  for (const std::string& network : container.networks()) {
    settings[absl::StrCat("network ", network)] = {"joined", ""};
  }
}

void AddCommon(const worker::v1::ContainerSpec& container, Settings& settings) {
  static constexpr std::array kCompared = {"container user", "container command",
                                           "container entrypoint", "container mem_limit",
                                           "container cpus"};
  const Settings all = SettingsOf(container, v1::Healthcheck());
  for (const char* key : kCompared) {
    if (const auto found = all.find(key); found != all.end()) settings.insert(*found);
  }
  for (const auto& [key, setting] : all) {
    if (absl::StartsWith(key, "env ")) settings.emplace(key, setting);
  }
  AddPlaces(container, settings);
}

}  // namespace

Settings SettingsOf(const worker::v1::ObservedSettings& seen) {
  Settings settings;
  AddCommon(AsContainer(seen), settings);
  for (const std::string& name : seen.env_names()) {
    settings[absl::StrCat("env ", name)] = {"set", ""};
  }
  return settings;
}

Settings LikeSeen(const worker::v1::ContainerSpec& container, const Settings& before) {
  Settings settings;
  AddCommon(container, settings);
  const auto stands_in = [&](const std::string& target, const char* what) {
    const std::string key = absl::StrCat("volume ", target);
    if (before.contains(key)) settings.emplace(key, Setting{what, ""});
  };
  for (const worker::v1::ReleaseFile& file : container.files()) {
    stands_in(file.target(), "a file of the release");
  }
  for (const auto& [target, options] : container.tmpfs()) stands_in(target, "tmpfs");
  return settings;
}

std::vector<std::string> LostWith(const worker::v1::ObservedContainer& seen,
                                  const worker::v1::ContainerSpec& container) {
  const Settings before = SettingsOf(seen.settings());
  const Settings after = LikeSeen(container, before);
  std::vector<std::string> lost;
  for (const auto& [key, setting] : before) {
    if (!after.contains(key)) lost.push_back(key);
  }
  return lost;
}

}  // namespace davit::core
