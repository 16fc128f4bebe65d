// The controller's daemon: the only place that knows which parts it is made of.
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/config/checks.h"
#include "common/config/command_line.h"
#include "common/daemon/core_files.h"
#include "common/daemon/end_signals.h"
#include "common/daemon/log.h"
#include "common/daemon/serving.h"
#include "common/rpc/channel.h"
#include "common/rpc/diagnosis.h"
#include "controller/controller.h"
#include "controller/upkeep/upkeep.h"
#include "davit/config/v1/config.pb.h"

namespace davit {
namespace {

using Tls = std::optional<TlsIdentity>;

// The process before may take this long to end.
constexpr absl::Duration kStatePatience = absl::Seconds(2);
// Watches would go on for ever: their clients come again.
constexpr absl::Duration kCallGrace = absl::Seconds(2);

std::optional<std::string> EnvironmentVariable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

config::Program ThisProgram() {
  return {.name = "davit-controller",
          .about = "Keeps the records of deployments, and has workers carry them out.",
          .version = DAVIT_VERSION,
          .prefix = "DAVIT_CONTROLLER_",
          .file = "/etc/davit/controller.yaml",
          .verbs = {{"backup", "FILE", "The copy's path; must not exist, its directory must",
                     "Copy the records into a new file, also while it serves"},
                    {"restore", "FILE", "A copy that `backup` has made; it stays",
                     "Make the records, which must not exist, of a copy"},
                    {"rekey", "--new-key-file", "The file of the new key; made when absent",
                     "Seal all secrets under another key, while nothing serves"}},
          .check = config::CheckController};
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const Tls& tls, const std::string& host,
                                                       const std::string& text) {
  const absl::StatusOr<Address> address = ParseAddress(text);
  if (!address.ok()) return address.status();
  if (!address->is_unix && !tls) {
    return absl::FailedPreconditionError(absl::StrCat(
        "this controller has no certificate, so it cannot reach ", text, ": give it `tls`"));
  }
  return MakeChannel(*address, tls, host);
}

std::vector<std::string> Explain(const Tls& tls, const std::string& host, const std::string& text,
                                 absl::Time deadline) {
  const absl::StatusOr<Address> address = ParseAddress(text);
  if (!address.ok()) return {std::string(address.status().message())};
  return WhyUnreachable(*address, tls, host, deadline);
}

ControllerOptions OptionsOf(const config::v1::ControllerConfig& config, const Tls& tls) {
  return {.state_directory = config.state_directory(),
          .connect = [tls](const std::string& host,
                           const std::string& address) { return Connect(tls, host, address); },
          .explain = [tls](const std::string& host, const std::string& address,
                           absl::Time deadline) { return Explain(tls, host, address, deadline); },
          .key_file = config.secrets().key_file(),
          .lock_patience = kStatePatience};
}

absl::Status Serve(const config::v1::ControllerConfig& config) {
  absl::StatusOr<ServerOptions> options = MakeServerOptions(config);
  if (!options.ok()) return options.status();
  const auto controller = Controller::Start(OptionsOf(config, options->tls));
  if (!controller.ok()) return controller.status();
  options->services = (*controller)->services();
  const auto server = Server::Start(*options);
  if (!server.ok()) return server.status();
  ServeUntilToldToEnd("davit-controller " DAVIT_VERSION, **server, options->tls,
                      config.tls().cert_file());
  (*server)->Shutdown(absl::Now() + kCallGrace);
  (*controller)->Stop();
  spdlog::info("ended");
  return absl::OkStatus();
}

absl::Status Do(const config::CommandLine& line, const config::v1::ControllerConfig& config) {
  if (line.verb.empty()) return Serve(config);
  if (line.verb == "backup") return Backup(config, line.argument);
  if (line.verb == "restore") return Restore(config, line.argument);
  return Rekey(config, line.argument);
}

int Main(const std::vector<std::string>& arguments) {
  LeaveNoCores();
  config::v1::ControllerConfig config;
  const config::CommandLine line = config::ReadCommandLine(
      ThisProgram(), arguments, {std::cout, std::cerr, EnvironmentVariable}, &config);
  if (line.exit_code.has_value()) return *line.exit_code;
  BlockEndSignals();
  OpenLog(config.log_level(), EnvironmentVariable);
  const absl::Status status = Do(line, config);
  if (status.ok()) return EXIT_SUCCESS;
  spdlog::error("cannot {}: {}", line.verb.empty() ? "serve" : line.verb,
                std::string(status.message()));
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace davit

int main(int argc, char** argv) { return davit::Main({argv + 1, argv + argc}); }
