#ifndef DAVIT_WORKER_DOCKER_ENGINE_H_
#define DAVIT_WORKER_DOCKER_ENGINE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "davit/v1/deployment.pb.h"
#include "davit/worker/v1/container.pb.h"

namespace davit::docker {

struct EngineInfo {
  std::string id;                // random, stays for the life of the engine's data
  std::string version;           // 20.10.24
  std::string os;                // linux
  std::string architecture;      // amd64, arm64: as image configurations write it
  std::string data_root;         // /var/lib/docker
  std::string operating_system;  // Debian GNU/Linux 12 (bookworm)
  int cpus = 0;
  int64_t memory_bytes = 0;
};

// What can be had of all containers in one call; enough to see that one has changed.
struct ContainerSummary {
  std::string id;
  std::string state;   // running, exited…
  std::string health;  // in the engine's words; empty: none

  auto operator<=>(const ContainerSummary&) const = default;
};

struct ContainerDetails {
  worker::v1::ObservedContainer observed;
  bool oom_killed = false;
  std::string error;  // the engine's word when the start failed
  int restart_count = 0;
  absl::Time finished_at;              // of the last run; InfinitePast when it never ran
  std::vector<std::string> addresses;  // in its networks, IPv4 first; empty while it does not run
  std::string network_mode;            // default, host, none, NAME
  std::string log_driver;
  bool tty = false;
  bool has_healthcheck = false;
  std::string health_output;  // of the image's last HEALTHCHECK run
  // All of it, the image's own included; names of variables are not in it.
  worker::v1::ObservedSettings settings;
  std::vector<std::string> env;  // NAME=VALUE, sorted; may be secrets: never told
};

struct ImageDetails {
  std::string id;                    // sha256:…
  std::vector<std::string> tags;     // repo:tag
  std::vector<std::string> digests;  // repo@sha256:…
  std::string os;
  std::string architecture;
  std::string user;              // USER; empty: root
  std::vector<std::string> env;  // NAME=VALUE, sorted
  std::vector<std::string> command;
  std::vector<std::string> entrypoint;
  bool has_healthcheck = false;
  int64_t size_bytes = 0;
};

struct RegistryAuth {
  std::string username;
  std::string password;  // never logged, never in an error
  std::string server;
};

struct DistributionInfo {
  std::string digest;                  // sha256:… of the manifest or index
  std::vector<std::string> platforms;  // linux/amd64; may be empty
};

struct PullProgress {
  std::string phase;        // "download", "extract"
  int64_t done_bytes = 0;   // over all layers
  int64_t total_bytes = 0;  // grows while layers become known
  int broken_off = 0;       // times that the registry ended a layer before its end
};

// What an image is made of besides its context.
struct BuildOptions {
  std::string dockerfile;  // relative to the context
  std::string target;      // stage; empty: the last
  std::map<std::string, std::string> args;
  std::map<std::string, std::string> labels;
  std::vector<RegistryAuth> logins;  // for the registries of base images
};

// Gives a tar, compressed or not: puts up to `size` bytes into `buffer` and
// returns how many, 0 at the end. An error ends what it is read for.
using TarSource = std::function<absl::StatusOr<size_t>(char* buffer, size_t size)>;

struct LogLine {
  v1::LogStream stream = v1::STDOUT;
  int64_t time_unix_nanos = 0;
  std::string text;      // without the newline
  bool goes_on = false;  // cut for its length: the next of its stream is its rest
};

struct LogOptions {
  int64_t since_unix_nanos = 0;  // inclusive, as Docker's; 0: all
  int tail = -1;                 // lines from the end; -1: all
  bool follow = false;
  // Without them the engine gives two thirds as much again in the same time; the
  // lines have no time then.
  bool timestamps = true;
};

struct ExecResult {
  int exit_code = 0;
  std::string output;  // both streams, 16 KiB at most
};

// How a container that is gone again has ended.
struct ThrowawayRun {
  int exit_code = 0;
  std::string output;  // both streams, about 1 MiB at most
};

// The Docker Engine API (1.41) over its unix socket. Blocking; every call obeys
// its Call. Thread-safe: each call takes a connection from a small pool.
// Errors carry a Failure: DOCKER_UNREACHABLE when nothing answers, the specific
// code where the engine's answer has one (IMAGE_NOT_FOUND, REGISTRY_DENIED,
// REGISTRY_UNREACHABLE, PORT_IN_USE, NAME_IN_USE, DISK_FULL, COMMAND_NOT_FOUND,
// CONTAINER_REFUSED, CONTAINER_GONE, IMAGE_WRONG_PLATFORM), else DOCKER_ERROR.
class Engine {
 public:
  explicit Engine(std::string socket_path);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const std::string& socket_path() const;

  absl::StatusOr<EngineInfo> Info(const Call& call);
  // The same, or what it was ten seconds ago at most: the engine takes many milliseconds to
  // answer, and what it says changes with another engine alone. Says not whether it is there.
  absl::StatusOr<EngineInfo> RecentInfo(const Call& call);
  // Since when it serves: when it made its own bridge network anew. InfinitePast when
  // that cannot be told; not that of an engine whose containers live through restarts.
  absl::StatusOr<absl::Time> StartTime(const Call& call);

  // --- Containers. `container` is a name or an id. ---
  // All of them, running or not, that have the labels, by name.
  absl::StatusOr<std::vector<worker::v1::ObservedContainer>> ListContainers(
      const std::map<std::string, std::string>& labels, const Call& call);
  // All that have the label, whatever its value, by id.
  absl::StatusOr<std::vector<ContainerSummary>> ListSummaries(absl::string_view label,
                                                              const Call& call);
  absl::StatusOr<ContainerDetails> InspectContainer(absl::string_view container, const Call& call);
  // The same of one that has ended. An engine that is busy hears that the kernel killed
  // it for its memory after its end, and tells so in its events alone: they are waited
  // for, half a second, where it was killed at all. One that the engine has started again
  // has the exit code of its last end.
  absl::StatusOr<ContainerDetails> InspectEnded(absl::string_view container, const Call& call);
  // Id of the new container. `restart_policy` overrides the spec's. Joins all
  // of spec.networks. Errors speak of spec.service_name, where it has one.
  absl::StatusOr<std::string> CreateContainer(absl::string_view name,
                                              const worker::v1::ContainerSpec& spec,
                                              absl::string_view restart_policy, const Call& call);
  // Started already: OK. Errors speak of `called`, where it is given: what people know,
  // when the container itself will be gone.
  absl::Status StartContainer(absl::string_view container, const Call& call,
                              absl::string_view called = "");
  absl::Status StopContainer(absl::string_view container, absl::Duration grace,
                             const Call& call);                               // stopped already: OK
  absl::Status KillContainer(absl::string_view container, const Call& call);  // not running: OK
  absl::Status RemoveContainer(absl::string_view container, const Call& call);  // force; gone: OK
  absl::Status RenameContainer(absl::string_view container, absl::string_view name,
                               const Call& call);
  absl::Status SetRestartPolicy(absl::string_view container, absl::string_view policy,
                                const Call& call);
  // Calls `sink` for each whole line (parts of long lines are joined up to
  // 64 KiB) until it returns false, the output ends, or `call` says so.
  absl::Status Logs(absl::string_view container, const LogOptions& options, const Call& call,
                    absl::FunctionRef<bool(LogLine)> sink);
  absl::StatusOr<ExecResult> Exec(absl::string_view container,
                                  const std::vector<std::string>& command, const Call& call);

  // --- Images. ---
  // IMAGE_NOT_FOUND when the host has none.
  absl::StatusOr<ImageDetails> InspectImage(absl::string_view reference, const Call& call);
  absl::Status PullImage(absl::string_view reference, const std::optional<RegistryAuth>& auth,
                         const Call& call, absl::FunctionRef<void(const PullProgress&)> progress);
  // Asks the registry, through the engine.
  absl::StatusOr<DistributionInfo> InspectDistribution(absl::string_view reference,
                                                       const std::optional<RegistryAuth>& auth,
                                                       const Call& call);
  absl::Status TagImage(absl::string_view image, absl::string_view repository,
                        absl::string_view tag, const Call& call);
  // Builds an image with the engine's own builder and returns its id; it gets no tag.
  // `context` blocks as it likes, and obeys `call` by itself. `output` hears whole lines.
  // Containers of the build go with it, also when `call` ends it; what was built of the
  // image stays as the builder's cache. BUILD_FAILED names the step of the Dockerfile
  // and has the last lines; a base image that the registry does not give has the
  // registry's codes.
  absl::StatusOr<std::string> BuildImage(const BuildOptions& options, const TarSource& context,
                                         const Call& call,
                                         absl::FunctionRef<void(absl::string_view)> output);
  // Pushes repository:tag and returns the digest that it has there (sha256:…).
  // PUSH_FAILED unless it is REGISTRY_DENIED or REGISTRY_UNREACHABLE.
  absl::StatusOr<std::string> PushImage(absl::string_view reference,
                                        const std::optional<RegistryAuth>& auth, const Call& call,
                                        absl::FunctionRef<void(const PullProgress&)> progress);
  // Removes the tag, or an image by its id, but not what lies below it: that is the
  // builder's cache. Gone: OK.
  absl::Status DropImage(absl::string_view reference, const Call& call);
  // Removes the tag and, where it was the last and nobody uses it, the image. Gone: OK.
  absl::Status RemoveImage(absl::string_view reference, const Call& call);
  // repo:tag of every image of a repository, sorted.
  absl::StatusOr<std::vector<std::string>> ListTags(absl::string_view repository, const Call& call);
  // One file of an image, read through a container that is created and never
  // started; 1 MiB at most. NOT_FOUND when there is none. `reader` says who reads,
  // the same after a restart.
  absl::StatusOr<std::string> ReadImageFile(absl::string_view image, absl::string_view path,
                                            absl::string_view reader, const Call& call);
  // Runs a container of `spec` without a name to its end, then removes it and its
  // volumes that have no name, whatever happens. Errors speak of service_name.
  // `reader` as above.
  absl::StatusOr<ThrowawayRun> RunThrowaway(const worker::v1::ContainerSpec& spec,
                                            absl::string_view reader, const Call& call);
  // Removes a container, running or not, and its volumes that have no name, whatever
  // became of the call that made it. Gone: OK.
  absl::Status RemoveWithVolumes(absl::string_view container);
  // Removes the containers that an earlier process of the same reader was killed over.
  absl::Status RemoveLeftReaders(absl::string_view reader, const Call& call);

  // --- Networks and volumes. ---
  absl::StatusOr<std::vector<std::string>> ListNetworks(const Call& call);  // names, sorted
  absl::Status CreateNetwork(absl::string_view name,
                             const std::map<std::string, std::string>& labels, const Call& call);
  absl::Status RemoveNetwork(absl::string_view name, const Call& call);  // gone: OK
  // Labels of the volume that has the name in the end: its own where it existed.
  absl::StatusOr<std::map<std::string, std::string>> CreateVolume(
      absl::string_view name, const std::map<std::string, std::string>& labels, const Call& call);
  absl::StatusOr<bool> VolumeExists(absl::string_view name, const Call& call);
  absl::Status RemoveVolume(absl::string_view name, const Call& call);  // gone: OK

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Credentials for the registry of `reference` from a docker config.json, as
// `docker login` writes it; nullopt when it has none. An unreadable file, or one
// that only names a credential helper, is an error that says so.
absl::StatusOr<std::optional<RegistryAuth>> FindRegistryAuth(absl::string_view config_path,
                                                             absl::string_view reference);

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_ENGINE_H_
