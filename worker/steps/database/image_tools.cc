#include "worker/steps/database/image_tools.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"

namespace davit::steps {
namespace {

using database::ToolRun;
using worker::v1::ContainerSpec;

constexpr char kArchivePlace[] = "/davit-archive";
constexpr absl::Duration kTick = absl::Milliseconds(200);
constexpr absl::Duration kVersionPatience = absl::Seconds(30);

ContainerSpec ToolContainer(const std::string& image, const std::string& program,
                            const std::vector<std::string>& arguments) {
  ContainerSpec spec;
  spec.set_service_name(program);
  spec.set_image(image);
  spec.add_entrypoint(program);
  for (const std::string& argument : arguments) spec.add_command(argument);
  spec.add_networks("host");
  spec.add_cap_drop("ALL");
  spec.set_log_driver("json-file");
  (*spec.mutable_env())["LC_ALL"] = "C";
  return spec;
}

void AddMount(const std::string& source, const std::string& target, bool read_only,
              ContainerSpec& spec) {
  worker::v1::Mount& mount = *spec.add_mounts();
  mount.set_source(source);
  mount.set_target(target);
  mount.set_read_only(read_only);
}

// The open file under its name, for its owner.
absl::Status MountArchive(int descriptor, bool read_only, ContainerSpec& spec) {
  std::error_code error;
  const auto path =
      std::filesystem::read_symlink(absl::StrCat("/proc/self/fd/", descriptor), error);
  struct stat status {};
  if (error || fstat(descriptor, &status) != 0) {
    return absl::InternalError("the archive's file has no name");
  }
  AddMount(path, kArchivePlace, read_only, spec);
  spec.set_user(absl::StrCat(status.st_uid, ":", status.st_gid));
  return absl::OkStatus();
}

// Sockets and certificates have the same path within.
void MountWhatTheUrlNames(const database::LibpqEnvironment& environment, ContainerSpec& spec) {
  for (const char* const name : {"PGHOST", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLCRL"}) {
    const auto value = environment.find(name);
    if (value == environment.end()) continue;
    for (const absl::string_view path : absl::StrSplit(value->second, ',')) {
      if (absl::StartsWith(path, "/")) {
        AddMount(std::string(path), std::string(path), /*read_only=*/true, spec);
      }
    }
  }
}

absl::StatusOr<ContainerSpec> ContainerOf(const std::string& image, const ToolRun& run) {
  const bool dump = run.tool == database::PostgresTool::kDump;
  ContainerSpec spec = ToolContainer(image, dump ? "pg_dump" : "pg_restore", run.arguments);
  for (const auto& [name, value] : run.environment) (*spec.mutable_env())[name] = value;
  MountWhatTheUrlNames(run.environment, spec);
  const int descriptor = dump ? run.output : run.input;
  if (descriptor < 0) return spec;
  absl::Status mounted = MountArchive(descriptor, /*read_only=*/!dump, spec);
  if (!mounted.ok()) return mounted;
  spec.add_command(dump ? absl::StrCat("--file=", kArchivePlace) : kArchivePlace);
  return spec;
}

// As a shell tells of signals.
database::ChildEnd EndOf(const docker::ThrowawayRun& run) {
  constexpr int kSignalBase = 128;
  database::ChildEnd end{.error_tail = run.output};
  if (run.exit_code > kSignalBase) {
    end.signal = run.exit_code - kSignalBase;
  } else {
    end.exit_code = run.exit_code;
  }
  return end;
}

// Calls `progress` now and then, until it goes.
class ProgressTicks {
 public:
  explicit ProgressTicks(const std::function<void()>& progress) {
    if (progress) thread_ = std::thread([this, progress] { Tick(progress); });
  }
  ~ProgressTicks() {
    over_.Notify();
    if (thread_.joinable()) thread_.join();
  }
  ProgressTicks(const ProgressTicks&) = delete;
  ProgressTicks& operator=(const ProgressTicks&) = delete;

 private:
  void Tick(const std::function<void()>& progress) {
    while (!over_.WaitForNotificationWithTimeout(kTick)) progress();
    progress();
  }

  absl::Notification over_;
  std::thread thread_;
};

bool IsLoopbackAddress(absl::string_view address) {
  return absl::StartsWith(address, "127.") || address == "::1" || address == "localhost";
}

// Whether the name means the host itself: its ports are containers'.
bool MeansThisHost(const database::DatabaseHost& host, const worker::v1::DatabaseAccess& access) {
  for (const std::string& line : access.extra_hosts()) {
    if (absl::EqualsIgnoreCase(line, absl::StrCat(host.name, ":host-gateway"))) return true;
  }
  return IsLoopbackAddress(host.address.empty() ? host.name : host.address);
}

bool Serves(const docker::ContainerDetails& container, const database::DatabaseHost& host,
            const worker::v1::DatabaseAccess& access) {
  const std::string& address = host.address.empty() ? host.name : host.address;
  for (const std::string& own : container.addresses) {
    if (own == address) return true;
  }
  if (!MeansThisHost(host, access)) return false;
  for (const worker::v1::PortBinding& port : container.observed.ports()) {
    if (port.host_port() == host.port) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ImageTools>> ImageTools::Of(docker::Engine& engine,
                                                           const std::string& image,
                                                           const std::string& reader,
                                                           const Call& call) {
  auto tools = std::unique_ptr<ImageTools>(new ImageTools(engine, image, reader));
  engine.RemoveLeftReaders(reader, call).IgnoreError();
  const auto said = engine.RunThrowaway(ToolContainer(image, "pg_dump", {"--version"}), reader,
                                        call.Within(kVersionPatience));
  if (!said.ok()) return said.status();
  const auto version = database::ParseToolVersion(said->output);
  if (said->exit_code != 0 || !version.has_value()) {
    return absl::NotFoundError("the image's pg_dump tells no version");
  }
  tools->version_ = version->text;
  tools->major_version_ = version->major;
  return tools;
}

absl::StatusOr<database::ChildEnd> ImageTools::Run(const Call& call, const ToolRun& run) {
  const auto spec = ContainerOf(image_, run);
  if (!spec.ok()) return spec.status();
  const ProgressTicks ticks(run.progress);
  const auto end = engine_.RunThrowaway(*spec, reader_, call);
  if (end.ok()) return EndOf(*end);
  if (absl::Status ended = call.Check(); !ended.ok()) return ended;
  return end.status();
}

absl::StatusOr<std::string> ServerImage(docker::Engine& engine, const database::DatabaseUrl& url,
                                        const worker::v1::DatabaseAccess& access,
                                        const Call& call) {
  const auto containers = engine.ListContainers({}, call);
  if (!containers.ok()) return containers.status();
  for (const worker::v1::ObservedContainer& listed : *containers) {
    if (listed.state() != "running") continue;
    const auto container = engine.InspectContainer(listed.id(), call);
    if (!container.ok()) continue;  // gone meanwhile
    for (const database::DatabaseHost& host : url.hosts) {
      if (Serves(*container, host, access)) return container->observed.image_id();
    }
  }
  return "";
}

}  // namespace davit::steps
