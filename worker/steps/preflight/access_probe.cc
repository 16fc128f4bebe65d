#include "worker/steps/preflight/access_probe.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "worker/steps/files/release_files.h"
#include "worker/steps/resources/host_directory.h"

namespace davit::steps {
namespace {

using worker::v1::ContainerSpec;
using worker::v1::Mount;

// In the root, which every image has. The file is made where the container is,
// not in the image.
constexpr char kProgramInContainer[] = "/.davit-probe";

void AddMount(ContainerSpec& container, const std::string& source, const std::string& target,
              bool read_only) {
  Mount& mount = *container.add_mounts();
  mount.set_source(source);
  mount.set_target(target);
  mount.set_read_only(read_only);
}

// Everything of the release's container that decides on access, and nothing
// else: no network, no environment, no ports.
ContainerSpec ProbeContainer(const ContainerSpec& container, const std::string& program) {
  ContainerSpec spec;
  spec.set_service_name(container.service_name());
  spec.set_image(container.image());
  spec.set_user(container.user());
  spec.set_read_only(container.read_only());
  *spec.mutable_cap_add() = container.cap_add();
  *spec.mutable_cap_drop() = container.cap_drop();
  *spec.mutable_tmpfs() = container.tmpfs();
  spec.set_log_driver("json-file");
  spec.add_networks("none");
  spec.add_entrypoint(kProgramInContainer);
  AddMount(spec, program, kProgramInContainer, /*read_only=*/true);
  return spec;
}

// A file is opened for reading only: who watches it would take a try for a change.
bool IsDirectoryOfHost(const std::string& path) {
  struct stat found;
  return stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

// An owner that is none is create_resources' to refuse.
void AddNewDirectory(const Mount& mount, AccessProbe& probe) {
  if (mount.read_only() || mount.owner().empty() || mount.owner() == "auto") return;
  const auto owner = ParseOwner(mount.owner());
  if (!owner.ok()) return;
  probe.new_directories.push_back(
      {CleanPath(mount.source()), mount.target(), *owner, DirectoryMode(mount.mode())});
}

void AddHostPath(const Mount& mount, AccessProbe& probe) {
  if (!MissingDirectories(mount.source()).empty()) return AddNewDirectory(mount, probe);
  const bool write = !mount.read_only() && IsDirectoryOfHost(mount.source());
  probe.places.push_back({PlaceKind::kHostPath, CleanPath(mount.source()), mount.target(), write});
  AddMount(probe.container, mount.source(), mount.target(), mount.read_only());
}

absl::Status AddVolume(const Mount& mount, docker::Engine& engine, const Call& call,
                       AccessProbe& probe) {
  const auto exists = engine.VolumeExists(mount.source(), call);
  if (!exists.ok()) return exists.status();
  probe.places.push_back({*exists ? PlaceKind::kVolume : PlaceKind::kNewVolume, mount.source(),
                          mount.target(), !mount.read_only()});
  // One without a name is filled by Docker as the new one will be, and goes with
  // the probe.
  AddMount(probe.container, *exists ? mount.source() : "", mount.target(), mount.read_only());
  return absl::OkStatus();
}

absl::Status AddFiles(const ContainerSpec& container, const std::string& state_directory,
                      AccessProbe& probe) {
  if (container.files().empty()) return absl::OkStatus();
  const auto directory = ReleaseFiles(state_directory).PathOf(container.files_directory());
  if (!directory.ok()) return directory.status();
  for (const worker::v1::ReleaseFile& file : container.files()) {
    const std::string path = absl::StrCat(*directory, "/", file.name());
    probe.places.push_back({PlaceKind::kReleaseFile, path, file.target(), false});
    AddMount(probe.container, path, file.target(), /*read_only=*/true);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AccessProbe> MakeAccessProbe(const ContainerSpec& container,
                                            const std::string& program,
                                            const std::string& state_directory,
                                            docker::Engine& engine, const Call& call) {
  AccessProbe probe{ProbeContainer(container, program), {}, {}};
  for (const Mount& mount : container.mounts()) {
    if (IsBind(mount)) {
      AddHostPath(mount, probe);
    } else if (absl::Status status = AddVolume(mount, engine, call, probe); !status.ok()) {
      return status;
    }
  }
  if (absl::Status status = AddFiles(container, state_directory, probe); !status.ok()) {
    return status;
  }
  for (std::string& argument : probe::Arguments(QuestionsOf(probe))) {
    probe.container.add_command(std::move(argument));
  }
  return probe;
}

std::vector<probe::Question> QuestionsOf(const AccessProbe& probe) {
  std::vector<probe::Question> questions;
  for (const MountedPlace& place : probe.places) questions.push_back({place.target, place.write});
  return questions;
}

}  // namespace davit::steps
