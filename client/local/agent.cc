#include "client/local/agent.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/local/agent_directory.h"
#include "client/local/agent_info.h"
#include "client/local/call_counter.h"
#include "client/local/engine_claim.h"
#include "client/local/idle_monitor.h"
#include "client/local/version.h"
#include "common/daemon/core_files.h"
#include "common/daemon/end_signals.h"
#include "common/file_lock.h"
#include "common/rpc/address.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "controller/controller.h"
#include "worker/database/backup/libpq_environment.h"
#include "worker/docker/engine.h"
#include "worker/docker/login_file.h"
#include "worker/service/worker_service.h"
#include "worker/steps/registry.h"

namespace davit::local {
namespace {

constexpr char kHost[] = "local";
constexpr size_t kLogBytes = 5 << 20;
constexpr size_t kLogFiles = 3;
// The agent before may take this long to end.
constexpr absl::Duration kLockTimeout = absl::Seconds(10);
constexpr absl::Duration kCallGrace = absl::Seconds(2);
constexpr absl::Duration kLookInterval = absl::Milliseconds(200);
constexpr absl::Duration kClaimInterval = absl::Seconds(5);
// Nothing else is looked at meanwhile.
constexpr absl::Duration kClaimTimeout = absl::Seconds(1);

absl::Status OpenLog(const AgentPaths& paths) try {
  auto logger = spdlog::rotating_logger_mt("agent", paths.log(), kLogBytes, kLogFiles);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  return absl::OkStatus();
} catch (const spdlog::spdlog_ex& error) {
  return absl::InternalError(error.what());
}

absl::StatusOr<FileLock> TakeLock(const AgentPaths& paths) {
  absl::StatusOr<FileLock> lock = FileLock::Acquire(paths.lock(), absl::Now() + kLockTimeout);
  if (lock.ok() || !absl::IsDeadlineExceeded(lock.status())) return lock;
  const std::optional<AgentInfo> other = ReadAgentInfo(paths);
  return absl::AlreadyExistsError(
      absl::StrCat("another agent", other ? absl::StrCat(", process ", other->pid, ",") : "",
                   " uses ", paths.directory, " and does not end"));
}

std::optional<std::string> EnvironmentVariable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

absl::StatusOr<std::unique_ptr<service::Worker>> OpenWorker(const AgentPaths& paths,
                                                            const AgentOptions& options) {
  auto engine = std::make_shared<docker::Engine>(options.docker_socket);
  const std::string logins = docker::DefaultDockerConfigPath(EnvironmentVariable);
  steps::Runners runners = steps::MakeRunners({.engine = engine.get(),
                                               .docker_config_path = logins,
                                               .state_directory = paths.worker_state()});
  return service::Worker::Open(
      {.state_directory = paths.worker_state(), .docker_config_path = logins}, std::move(engine),
      std::move(runners));
}

ControllerOptions OptionsOf(const AgentPaths& paths) {
  ControllerOptions options;
  options.state_directory = paths.directory;
  options.connect =
      [](const std::string&,
         const std::string& address) -> absl::StatusOr<std::shared_ptr<grpc::Channel>> {
    const auto parsed = ParseAddress(address);
    if (!parsed.ok()) return parsed.status();
    return MakeChannel(*parsed);
  };
  options.fixed_hosts = {{kHost, ToText(UnixAddress(paths.worker_socket()))}};
  options.watch_hosts = false;  // the worker is in this process
  return options;
}

// The parts, in the order in which they are made and against which they end.
class Agent {
 public:
  // `lock` outlives the agent.
  Agent(AgentPaths paths, const AgentOptions& options, const FileLock& lock)
      : paths_(std::move(paths)),
        options_(options),
        lock_(lock),
        claim_engine_(options.docker_socket),
        monitor_(clock_, options.idle) {}

  ~Agent() {
    if (api_server_ != nullptr) api_server_->Shutdown(absl::Now() + kCallGrace);
    if (controller_ != nullptr) controller_->Stop();
  }

  absl::Status Start() {
    if (absl::Status status = StartWorker(); !status.ok()) return status;
    auto controller = Controller::Start(OptionsOf(paths_));
    if (!controller.ok()) return controller.status();
    controller_ = *std::move(controller);
    return StartApi();
  }

  // Until nobody wants anything any more, or the process is told to end.
  void Serve() {
    while (!WasToldToEnd(kLookInterval)) {
      if (!lock_.StillHeld()) EndWithoutDirectory();
      KeepClaim();
      const bool busy = IsBusy();
      if (claim_lost_ && !busy) return;
      if (!monitor_.MayEnd(busy)) continue;
      spdlog::info("idle for {}", absl::FormatDuration(options_.idle));
      return;
    }
    spdlog::info("told to end");
  }

 private:
  absl::Status StartWorker() {
    auto worker = OpenWorker(paths_, options_);
    if (!worker.ok()) return worker.status();
    worker_ = *std::move(worker);
    auto server = Server::Start(
        {.listen = {UnixAddress(paths_.worker_socket())}, .services = {&worker_->service()}});
    if (!server.ok()) return server.status();
    worker_server_ = *std::move(server);
    return absl::OkStatus();
  }

  absl::Status StartApi() {
    auto server = Server::Start({.listen = {UnixAddress(paths_.socket())},
                                 .services = controller_->services(),
                                 .interceptor = [this] { return MakeCallCounter(monitor_); }});
    if (!server.ok()) return server.status();
    api_server_ = *std::move(server);
    return absl::OkStatus();
  }

  // Another agent may have been started at the same paths: to end in order would
  // remove its sockets.
  [[noreturn]] void EndWithoutDirectory() {
    spdlog::error("{} is gone or another file: the directory was removed or replaced; ending",
                  paths_.lock());
    _exit(EXIT_FAILURE);
  }

  // Once lost, the claim is the other agent's.
  void KeepClaim() {
    const absl::Time now = clock_.Now();
    if (claim_lost_ || absl::AbsDuration(now - last_claim_) < kClaimInterval) return;
    last_claim_ = now;
    const auto other =
        ClaimLostTo(std::filesystem::absolute(paths_.directory), [this](const Labels& labels) {
          return claim_engine_.CreateVolume(kClaimVolume, labels, Call{}.Within(kClaimTimeout));
        });
    if (!other) return;
    claim_lost_ = true;
    spdlog::error("the Docker Engine is claimed for {} by now; ending when no deployment goes on",
                  *other);
  }

  bool IsBusy() { return controller_->Busy() || worker_->running_steps() > 0; }

  const AgentPaths paths_;
  const AgentOptions options_;
  const FileLock& lock_;
  const SystemClock clock_;
  docker::Engine claim_engine_;
  absl::Time last_claim_ = absl::InfinitePast();
  bool claim_lost_ = false;
  IdleMonitor monitor_;
  std::unique_ptr<service::Worker> worker_;
  std::unique_ptr<Server> worker_server_;
  std::unique_ptr<Controller> controller_;
  std::unique_ptr<Server> api_server_;
};

absl::Status RunWithLock(const AgentPaths& paths, const AgentOptions& options,
                         const FileLock& lock) {
  const absl::Status written = WriteAgentInfo(
      paths, {.version = kVersion, .pid = getpid(), .docker_socket = options.docker_socket});
  if (!written.ok()) return written;
  Agent agent(paths, options, lock);
  if (absl::Status status = agent.Start(); !status.ok()) return status;
  spdlog::info("agent {} serves at {} for the Docker Engine at {}", kVersion, paths.socket(),
               options.docker_socket);
  agent.Serve();
  return absl::OkStatus();
}

}  // namespace

absl::Status RunAgent(const AgentOptions& options) {
  LeaveNoCores();
  BlockEndSignals();
  const AgentPaths paths{options.directory};
  database::ForgetLibpqVariables();
  if (absl::Status status = PrepareAgentDirectory(paths.directory); !status.ok()) return status;
  if (absl::Status status = OpenLog(paths); !status.ok()) return status;
  const absl::StatusOr<FileLock> lock = TakeLock(paths);
  if (!lock.ok()) return lock.status();
  const absl::Status status = RunWithLock(paths, options, *lock);
  if (status.ok()) spdlog::info("ended");
  return status;
}

}  // namespace davit::local
