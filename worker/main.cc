// The worker's daemon: the only place that knows which parts it is made of.
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "common/config/checks.h"
#include "common/config/command_line.h"
#include "common/daemon/core_files.h"
#include "common/daemon/end_signals.h"
#include "common/daemon/log.h"
#include "common/daemon/serving.h"
#include "common/daemon/state_directory.h"
#include "common/failure/failure.h"
#include "davit/config/v1/config.pb.h"
#include "worker/database/backup/libpq_environment.h"
#include "worker/docker/engine.h"
#include "worker/docker/login_file.h"
#include "worker/service/worker_service.h"
#include "worker/steps/registry.h"

namespace davit {
namespace {

// The process before may take this long to end.
constexpr absl::Duration kStateTimeout = absl::Seconds(2);
// A Docker Engine that is well answers in milliseconds.
constexpr absl::Duration kDockerPatience = absl::Seconds(2);
// Steps go on in Docker, and are taken up again: only short calls are waited for.
constexpr absl::Duration kCallGrace = absl::Seconds(2);

std::optional<std::string> EnvironmentVariable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

config::Program ThisProgram() {
  return {.name = "davit-worker",
          .about = "Carries out on this host what a Davit controller asks for.",
          .version = DAVIT_VERSION,
          .prefix = "DAVIT_WORKER_",
          .file = "/etc/davit/worker.yaml",
          .check = config::CheckWorker};
}

absl::StatusOr<std::unique_ptr<service::Worker>> OpenWorker(
    const config::v1::WorkerConfig& config, std::shared_ptr<docker::Engine> engine) {
  const std::string logins = config.docker_config_file().empty()
                                 ? docker::DefaultDockerConfigPath(EnvironmentVariable)
                                 : config.docker_config_file();
  steps::Runners runners = steps::MakeRunners({.engine = engine.get(),
                                               .docker_config_path = logins,
                                               .state_directory = config.state_directory()});
  return service::Worker::Open(
      {.state_directory = config.state_directory(), .docker_config_path = logins},
      std::move(engine), std::move(runners));
}

// It serves without: Docker may come, and until then each step and host says so.
void WarnWithoutDocker(docker::Engine& engine) {
  const auto info = engine.Info(Call{.deadline = absl::Now() + kDockerPatience});
  if (info.ok()) return;
  const v1::Failure failure = FailureOf(info.status());
  spdlog::warn("Docker does not answer: {}{}", failure.message(),
               failure.next_command().empty() ? "" : "; " + failure.next_command());
}

absl::Status Serve(const config::v1::WorkerConfig& config) {
  const auto directory =
      StateDirectory::Take(config.state_directory(), absl::Now() + kStateTimeout);
  if (!directory.ok()) return directory.status();
  absl::StatusOr<ServerOptions> options = MakeServerOptions(config);
  if (!options.ok()) return options.status();
  const auto engine = std::make_shared<docker::Engine>(config.docker_socket());
  const auto worker = OpenWorker(config, engine);
  if (!worker.ok()) return worker.status();
  options->services = {&(*worker)->service()};
  const auto server = Server::Start(*options);
  if (!server.ok()) return server.status();
  WarnWithoutDocker(*engine);
  ServeUntilToldToEnd("davit-worker " DAVIT_VERSION, **server, options->tls,
                      config.tls().cert_file());
  (*server)->Shutdown(absl::Now() + kCallGrace);
  return absl::OkStatus();
}

int Main(const std::vector<std::string>& arguments) {
  LeaveNoCores();
  database::ForgetLibpqVariables();
  config::v1::WorkerConfig config;
  const config::CommandLine line = config::ReadCommandLine(
      ThisProgram(), arguments, {std::cout, std::cerr, EnvironmentVariable}, &config);
  if (line.exit_code.has_value()) return *line.exit_code;
  BlockEndSignals();
  OpenLog(config.log_level(), EnvironmentVariable);
  if (const absl::Status status = Serve(config); !status.ok()) {
    spdlog::error("cannot serve: {}", std::string(status.message()));
    return EXIT_FAILURE;
  }
  spdlog::info("ended");
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace davit

int main(int argc, char** argv) { return davit::Main({argv + 1, argv + argc}); }
