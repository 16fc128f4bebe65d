#include "controller/core/plan/container_spec.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/failure/failure.h"
#include "common/spec/port.h"
#include "controller/core/names.h"
#include "controller/core/plan/secret_use.h"
#include "controller/core/plan/step_timeout.h"
#include "controller/core/proto_time.h"
#include "controller/core/restoration/restoration.h"

namespace davit::core {
namespace {

using worker::v1::ContainerSpec;

void AddLabels(const v1::Container& container, const v1::Release& release, ContainerSpec& spec) {
  auto& labels = *spec.mutable_labels();
  labels.insert(container.labels().begin(), container.labels().end());
  labels[kProjectLabel] = release.project();
  labels[kEnvironmentLabel] = release.environment();
  labels[kAppLabel] = release.app();
  labels[kReleaseLabel] = absl::StrCat(release.number());
  labels[kDeploymentLabel] = release.deployment_id();
}

absl::Status AddPorts(const v1::Container& container, const v1::Release& release,
                      ContainerSpec& spec) {
  for (const std::string& text : container.ports()) {
    absl::StatusOr<spec::PublishedPort> port = spec::ParsePort(text);
    if (!port.ok()) {
      return FailureStatus(
          v1::SPEC_INVALID,
          absl::StrCat("apps.", release.app(), ".container.ports: ", port.status().message()));
    }
    worker::v1::PortBinding& binding = *spec.add_ports();
    binding.set_host_ip(port->host_ip);
    binding.set_host_port(port->host_port);
    binding.set_container_port(port->container_port);
    binding.set_protocol(port->protocol);
  }
  return absl::OkStatus();
}

void AddNetworks(const v1::Container& container, const v1::Release& release, ContainerSpec& spec) {
  *spec.mutable_networks() = container.networks();
  if (container.networks().empty()) return;
  spec.add_network_aliases(spec.service_name());
  if (release.app() != spec.service_name()) spec.add_network_aliases(release.app());
}

void AddMounts(const v1::Container& container, ContainerSpec& spec) {
  for (const v1::Volume& volume : container.volumes()) {
    worker::v1::Mount& mount = *spec.add_mounts();
    mount.set_source(volume.source());
    mount.set_target(volume.target());
    mount.set_read_only(volume.read_only());
    mount.set_owner(volume.owner());
    mount.set_mode(volume.mode());
  }
  for (const std::string& text : container.tmpfs()) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
    (*spec.mutable_tmpfs())[parts.first] = parts.second;
  }
}

void AddLimits(const v1::Container& container, ContainerSpec& spec) {
  // A map has no order of its own; a plan has.
  const std::map<std::string, v1::Ulimit> ulimits(container.ulimits().begin(),
                                                  container.ulimits().end());
  for (const auto& [name, limit] : ulimits) {
    worker::v1::Ulimit& ulimit = *spec.add_ulimits();
    ulimit.set_name(name);
    ulimit.set_soft(limit.has_soft() ? limit.soft() : limit.hard());
    ulimit.set_hard(limit.hard());
  }
  spec.set_memory_limit_bytes(container.mem_limit());
  spec.set_nano_cpus(std::llround(container.cpus() * 1e9));
}

void AddProcess(const v1::Container& container, ContainerSpec& spec) {
  *spec.mutable_command() = container.command();
  *spec.mutable_entrypoint() = container.entrypoint();
  spec.set_user(container.user());
  spec.set_hostname(container.hostname());
  spec.set_init(container.init());
  *spec.mutable_cap_add() = container.cap_add();
  *spec.mutable_cap_drop() = container.cap_drop();
  spec.set_read_only(container.read_only());
  spec.set_log_driver(container.logging().driver());
  *spec.mutable_log_options() = container.logging().options();
  *spec.mutable_extra_hosts() = container.extra_hosts();
  spec.set_restart_policy(container.restart().empty() ? "unless-stopped" : container.restart());
  *spec.mutable_stop_grace_period() = container.has_stop_grace_period()
                                          ? container.stop_grace_period()
                                          : ToProto(kDefaultStopGrace);
}

absl::Status AddEnv(const state::v1::DeploymentRecord& record, const std::string& app,
                    ContainerSpec& spec) {
  const v1::Env& env = record.request().spec().apps().at(app).env();
  *spec.mutable_env() = env.clear();
  for (const auto& [name, secret] : env.secret()) {
    const worker::v1::SecretUse* use = FindSecret(record, secret);
    if (use == nullptr)
      return SecretMissing(record, secret, absl::StrCat("apps.", app, ".env.secret"));
    (*spec.mutable_secret_env())[name] = *use;
  }
  return absl::OkStatus();
}

// What the target is called, in letters that a file's name may have anywhere.
std::string FileName(int number, absl::string_view target) {
  std::string base(target.substr(target.rfind('/') + 1));
  for (char& c : base) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '-' && c != '_') c = '_';
  }
  return absl::StrCat(number, "-", base);
}

worker::v1::ReleaseFile& AddFile(const std::string& target, const std::string& owner,
                                 const std::string& mode, ContainerSpec& spec) {
  const int number = spec.files_size();
  worker::v1::ReleaseFile& file = *spec.add_files();
  file.set_name(FileName(number, target));
  file.set_target(target);
  file.set_owner(owner.empty() ? "auto" : owner);
  file.set_mode(mode);
  return file;
}

void AddFiles(const state::v1::DeploymentRecord& record, const v1::Release& release,
              ContainerSpec& spec) {
  const v1::App& app = record.request().spec().apps().at(release.app());
  for (const v1::EnvMount& mount : app.env_mounts()) {
    AddFile(mount.target(), mount.owner(), mount.mode(), spec).set_env_format(mount.format());
  }
  for (const v1::File& given : app.files()) {
    AddFile(given.target(), given.owner(), given.mode(), spec).set_content(given.content());
  }
  if (spec.files().empty()) return;
  spec.set_files_directory(record.check_only() ? FilesDirectoryOfCheck(release)
                                               : FilesDirectory(release));
}

}  // namespace

absl::StatusOr<ContainerSpec> MakeContainerSpec(const state::v1::DeploymentRecord& record,
                                                const v1::Release& release,
                                                const worker::v1::ResolvedImage& image) {
  if (const auto* restored = RestoredOf(record, release.app())) {
    return RestoredContainer(*restored, release, image, record.check_only());
  }
  const v1::Container& container = record.request().spec().apps().at(release.app()).container();
  ContainerSpec spec;
  spec.set_service_name(ServiceName(record.request().spec(), release.app()));
  // A digest means the same everywhere; an image id differs between platforms. Neither: in
  // a check that goes on without the image.
  spec.set_image(!image.digest().empty()     ? image.digest()
                 : !image.image_id().empty() ? image.image_id()
                                             : release.image_reference());
  AddProcess(container, spec);
  AddLabels(container, release, spec);
  if (absl::Status status = AddPorts(container, release, spec); !status.ok()) return status;
  AddNetworks(container, release, spec);
  AddMounts(container, spec);
  AddLimits(container, spec);
  if (absl::Status status = AddEnv(record, release.app(), spec); !status.ok()) return status;
  AddFiles(record, release, spec);
  return spec;
}

ContainerSpec PlaceOf(const v1::Container& container) {
  ContainerSpec spec;
  *spec.mutable_networks() = container.networks();
  *spec.mutable_extra_hosts() = container.extra_hosts();
  AddMounts(container, spec);
  return spec;
}

ContainerSpec OneOffOf(const ContainerSpec& service, const v1::Check& check,
                       const std::string& step_id) {
  return OneOffOf(service, check.command(), step_id);
}

ContainerSpec OneOffOf(const ContainerSpec& service,
                       const google::protobuf::RepeatedPtrField<std::string>& command,
                       const std::string& step_id) {
  ContainerSpec spec = service;
  spec.set_service_name(OneOffName(step_id, /*attempt=*/1));
  *spec.mutable_command() = command;
  // Nothing that brings it traffic, or has it taken for the app's container.
  spec.clear_ports();
  spec.clear_network_aliases();
  spec.clear_labels();
  for (const char* label : {kProjectLabel, kEnvironmentLabel, kDeploymentLabel}) {
    (*spec.mutable_labels())[label] = service.labels().at(label);
  }
  (*spec.mutable_labels())[kStepLabel] = step_id;
  spec.set_restart_policy("no");
  return spec;
}

}  // namespace davit::core
