#include "client/commands/connection/connection.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/commands/invocation/bad_input.h"
#include "client/local/engine_claim.h"
#include "client/local/health.h"
#include "client/local/launcher.h"
#include "client/output/text.h"
#include "common/failure/failure.h"
#include "common/rpc/channel.h"
#include "common/rpc/diagnosis.h"
#include "common/rpc/grpc_status.h"

namespace davit::commands {
namespace {

constexpr absl::Duration kDiagnosisTimeout = absl::Seconds(5);

// Whether the other side's own failure is in the status, not only the transport's.
bool HasFailure(const absl::Status& status) {
  bool found = false;
  status.ForEachPayload([&](absl::string_view, const absl::Cord&) { found = true; });
  return found;
}

Connection::Locate LocateAgent(const Invocation& invocation, const std::string& docker_socket) {
  auto launcher = std::make_shared<local::Launcher>(
      local::LauncherOptions{.docker_socket = docker_socket, .variable = invocation.variable});
  std::ostream& err = invocation.err;
  const bool quiet = invocation.common.quiet;
  return [launcher, &err, quiet]() -> absl::StatusOr<Endpoint> {
    absl::StatusOr<std::string> socket = launcher->Ensure([&](absl::string_view notice) {
      if (!quiet) err << output::Sanitize(notice) << std::endl;
    });
    if (!socket.ok()) return socket.status();
    return Endpoint{.address = UnixAddress(*std::move(socket))};
  };
}

absl::StatusOr<std::unique_ptr<Connection>> OpenLocal(const Invocation& invocation) {
  const auto docker_socket =
      local::DockerSocket(invocation.common.docker_socket, invocation.variable);
  if (!docker_socket.ok()) return docker_socket.status();
  return std::make_unique<Connection>(LocateAgent(invocation, *docker_socket),
                                      invocation.ConnectionOptions());
}

// Certificates are read each time: they may have been renewed meanwhile.
std::unique_ptr<Connection> OpenRemote(const Invocation& invocation, const std::string& address) {
  return std::make_unique<Connection>(
      [&invocation, address] { return RemoteEndpoint(invocation, address); },
      invocation.ConnectionOptions());
}

// The names of a certificate in a fact that says that it "is for a, b and not for c".
std::vector<std::string> OtherNames(absl::string_view fact, absl::string_view wanted) {
  constexpr absl::string_view kIsFor = " is for ";
  const size_t begin = fact.rfind(kIsFor);
  const std::string end = absl::StrCat(" and not for ", wanted);
  if (begin == absl::string_view::npos || !absl::ConsumeSuffix(&fact, end)) return {};
  std::vector<std::string> names;
  for (absl::string_view name : absl::StrSplit(fact.substr(begin + kIsFor.size()), ", ")) {
    // A name with a wildcard is none that can be asked for.
    if (name != "no name" && !absl::StrContains(name, '*')) names.emplace_back(name);
  }
  return names;
}

// What to do when the only thing wrong is the name by which the controller was called.
std::string UseOtherName(const std::vector<std::string>& facts, absl::string_view wanted) {
  const std::vector<std::string> names =
      facts.size() == 1 ? OtherNames(facts[0], wanted) : std::vector<std::string>();
  if (names.empty()) return "";
  return absl::StrCat("if it is the one you mean, add `--controller-name ", names[0],
                      "` (DAVIT_CONTROLLER_NAME)");
}

absl::StatusOr<std::unique_ptr<Connection>> Choose(const Invocation& invocation) {
  const CommonOptions& common = invocation.common;
  if (common.local && !common.controller.empty()) {
    return BadInput("--local and --controller exclude each other", "give one of them");
  }
  if (common.local) return OpenLocal(invocation);
  if (!common.controller.empty()) return OpenRemote(invocation, common.controller);
  const std::string address = invocation.variable("DAVIT_CONTROLLER").value_or("");
  if (!address.empty()) return OpenRemote(invocation, address);
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
  absl::StatusOr<Endpoint> endpoint = locate_();
  if (!endpoint.ok()) return endpoint.status();
  endpoint_ = *std::move(endpoint);
  channel_ = MakeChannel(endpoint_.address, endpoint_.tls, endpoint_.name);
  stubs_ = {v1::DeploymentService::NewStub(channel_), v1::HostService::NewStub(channel_),
            v1::SecretService::NewStub(channel_), v1::BuildService::NewStub(channel_),
            v1::DatabaseService::NewStub(channel_)};
  return absl::OkStatus();
}

absl::Status Connection::Probe(absl::Duration patience) const {
  if (local::IsServing(channel_, absl::Now() + patience)) return absl::OkStatus();
  return FailureStatus(v1::CONTROLLER_UNREACHABLE, NoAnswerText());
}

bool Connection::IsGone(const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE) return false;
  const absl::Status error = FromGrpcStatus(status);
  // The transport's own error, or the last word of a controller that is ending.
  return !HasFailure(error) || IsFailure(error, v1::CONTROLLER_UNREACHABLE);
}

std::string Connection::NoAnswerText() const {
  return absl::StrCat("the controller at ", ToText(endpoint_.address), " does not answer");
}

absl::Status Connection::Explain(const grpc::Status& status, absl::string_view call) const {
  const absl::Status error = FromGrpcStatus(status);
  if (error.ok() || HasFailure(error)) return error;
  if (absl::IsUnavailable(error) || absl::IsDeadlineExceeded(error)) {
    return FailureStatus(v1::CONTROLLER_UNREACHABLE, NoAnswerText(),
                         {std::string(error.message())});
  }
  if (!absl::IsUnimplemented(error)) return error;
  v1::Failure failure = MakeFailure(
      v1::VERSION_SKEW, absl::StrCat("the controller at ", ToText(endpoint_.address),
                                     " is older than this client and does not know ", call));
  failure.set_next_command("upgrade the controller, or use a client of its version");
  return FailureStatus(failure);
}

absl::Status Connection::Diagnose(const absl::Status& error) const {
  if (!IsFailure(error, v1::CONTROLLER_UNREACHABLE) || error.message() != NoAnswerText()) {
    return error;
  }
  const std::vector<std::string> facts = WhyUnreachable(
      endpoint_.address, endpoint_.tls, endpoint_.name, absl::Now() + kDiagnosisTimeout);
  if (facts.empty()) return error;
  v1::Failure failure = MakeFailure(v1::CONTROLLER_UNREACHABLE, NoAnswerText(), facts);
  failure.clear_likely_cause();  // it was found
  const std::string& name = endpoint_.name.empty() ? endpoint_.address.host : endpoint_.name;
  if (std::string next = UseOtherName(facts, name); !next.empty()) {
    failure.set_next_command(std::move(next));
  }
  return FailureStatus(failure);
}

}  // namespace davit::commands
