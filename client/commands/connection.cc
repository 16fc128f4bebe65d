#include "client/commands/connection.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/commands/bad_input.h"
#include "client/local/engine_claim.h"
#include "client/local/health.h"
#include "client/local/launcher.h"
#include "client/output/text.h"
#include "common/failure/failure.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"

namespace davit::commands {
namespace {

constexpr absl::Duration kProbeTimeout = absl::Seconds(5);

// Whether the other side's own failure is in the status, not only the transport's.
bool HasFailure(const absl::Status& status) {
  bool found = false;
  status.ForEachPayload([&](absl::string_view, const absl::Cord&) { found = true; });
  return found;
}

absl::StatusOr<std::string> SocketOf(const std::string& address) {
  absl::string_view path = address;
  if (absl::ConsumePrefix(&path, "unix:")) {
    absl::ConsumePrefix(&path, "//");
    if (absl::StartsWith(path, "/")) return std::string(path);
  }
  return BadInput(absl::StrCat("the controller's address \"", address, "\" is not understood"),
                  "give it as unix:/path; other ways in are not supported yet");
}

Connection::Locate LocateAgent(const Invocation& invocation, const std::string& docker_socket) {
  auto launcher = std::make_shared<local::Launcher>(
      local::LauncherOptions{.docker_socket = docker_socket, .variable = invocation.variable});
  std::ostream& err = invocation.err;
  const bool quiet = invocation.common.quiet;
  return [launcher, &err, quiet] {
    return launcher->Ensure([&](absl::string_view notice) {
      if (!quiet) err << output::Sanitize(notice) << std::endl;
    });
  };
}

absl::StatusOr<std::unique_ptr<Connection>> OpenLocal(const Invocation& invocation) {
  const std::string& option = invocation.common.docker_socket;
  const auto docker_socket = local::DockerSocket(option, invocation.variable);
  if (!docker_socket.ok()) return docker_socket.status();
  const std::string suffix =
      option.empty() ? " --local" : absl::StrCat(" --local --docker-socket ", option);
  return std::make_unique<Connection>(LocateAgent(invocation, *docker_socket), suffix);
}

absl::StatusOr<std::unique_ptr<Connection>> OpenRemote(const std::string& address,
                                                       bool from_option) {
  absl::StatusOr<std::string> socket = SocketOf(address);
  if (!socket.ok()) return socket.status();
  const std::string suffix = from_option ? absl::StrCat(" --controller ", address) : "";
  return std::make_unique<Connection>([socket] { return socket; }, suffix);
}

absl::StatusOr<std::unique_ptr<Connection>> Choose(const Invocation& invocation) {
  const CommonOptions& common = invocation.common;
  if (common.local && !common.controller.empty()) {
    return BadInput("--local and --controller exclude each other", "give one of them");
  }
  if (common.local) return OpenLocal(invocation);
  if (!common.controller.empty()) return OpenRemote(common.controller, true);
  const std::string address = invocation.variable("DAVIT_CONTROLLER").value_or("");
  if (!address.empty()) return OpenRemote(address, false);
  return BadInput(
      "no controller is named",
      "give --local to deploy to this machine, or --controller ADDRESS (DAVIT_CONTROLLER)");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Invocation& invocation) {
  absl::StatusOr<std::unique_ptr<Connection>> connection = Choose(invocation);
  if (!connection.ok()) return connection.status();
  if (absl::Status status = (*connection)->Reopen(); !status.ok()) return status;
  return connection;
}

Connection::Connection(Locate locate, std::string suffix)
    : locate_(std::move(locate)), suffix_(std::move(suffix)) {}

absl::Status Connection::Reopen() {
  absl::StatusOr<std::string> socket = locate_();
  if (!socket.ok()) return socket.status();
  socket_ = *std::move(socket);
  stub_ = v1::DeploymentService::NewStub(MakeChannel(UnixAddress(socket_)));
  return absl::OkStatus();
}

absl::Status Connection::Probe() const {
  if (local::IsServing(socket_, absl::Now() + kProbeTimeout)) return absl::OkStatus();
  return FailureStatus(v1::CONTROLLER_UNREACHABLE,
                       absl::StrCat("the controller at ", socket_, " does not answer"));
}

bool Connection::IsGone(const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE) return false;
  const absl::Status error = FromGrpcStatus(status);
  // The transport's own error, or the last word of a controller that is ending.
  return !HasFailure(error) || IsFailure(error, v1::CONTROLLER_UNREACHABLE);
}

absl::Status Connection::Explain(const grpc::Status& status) const {
  const absl::Status error = FromGrpcStatus(status);
  const bool transport = absl::IsUnavailable(error) || absl::IsDeadlineExceeded(error);
  if (HasFailure(error) || !transport) return error;
  return FailureStatus(v1::CONTROLLER_UNREACHABLE,
                       absl::StrCat("the controller at ", socket_, " does not answer"),
                       {std::string(error.message())});
}

}  // namespace davit::commands
