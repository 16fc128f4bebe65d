#ifndef DAVIT_CLIENT_COMMANDS_CONNECTION_CONNECTION_H_
#define DAVIT_CLIENT_COMMANDS_CONNECTION_CONNECTION_H_

#include <functional>
#include <memory>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/commands/connection/endpoint.h"
#include "client/commands/invocation/invocation.h"
#include "davit/v1/build_service.grpc.pb.h"
#include "davit/v1/database_service.grpc.pb.h"
#include "davit/v1/deployment_service.grpc.pb.h"
#include "davit/v1/host_service.grpc.pb.h"
#include "davit/v1/secret_service.grpc.pb.h"

namespace davit::commands {

// Whether a call that may have been carried out can be made once more.
enum class Repeat { kYes, kNo };

// A way to the controller's API.
class Connection {
 public:
  using Stub = v1::DeploymentService::Stub;
  using HostStub = v1::HostService::Stub;
  using SecretStub = v1::SecretService::Stub;
  using BuildStub = v1::BuildService::Stub;
  using DatabaseStub = v1::DatabaseService::Stub;
  // Finds out where the controller serves; in local mode it starts the agent
  // when none does.
  using Locate = std::function<absl::StatusOr<Endpoint>()>;

  // The controller that the options name. SPEC_INVALID when they name none. The
  // invocation outlives the connection.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Invocation& invocation);

  // `suffix`: the options that lead a later command to the same controller.
  Connection(Locate locate, std::string suffix);

  // Locates the controller again and makes a new channel to it.
  absl::Status Reopen();

  // CONTROLLER_UNREACHABLE when the controller says nothing for so long.
  absl::Status Probe(absl::Duration patience = absl::Seconds(5)) const;

  // After the first successful Reopen.
  Stub& stub() { return StubOf<Stub>(); }
  BuildStub& build_stub() { return StubOf<BuildStub>(); }
  const std::string& suffix() const { return suffix_; }

  // One call. When the controller is gone before it could answer, it is located
  // again and, with Repeat::kYes, asked once more. Errors as of Explain and Diagnose.
  template <class Service, class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (Service::*method)(grpc::ClientContext*,
                                                                const Request&, Response*),
                                const Request& request, absl::Duration timeout = absl::Seconds(30),
                                Repeat repeat = Repeat::kYes) {
    Response response;
    const auto once = [&] {
      grpc::ClientContext context;
      context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
      return (StubOf<Service>().*method)(&context, request, &response);
    };
    grpc::Status status = once();
    if (repeat == Repeat::kYes && IsGone(status)) {
      if (absl::Status reopened = Reopen(); !reopened.ok()) return reopened;
      status = once();
    }
    if (status.ok()) return response;
    return Diagnose(Explain(status, absl::StripSuffix(Request::descriptor()->name(), "Request")));
  }

  // The status with CONTROLLER_UNREACHABLE where the transport failed, and
  // VERSION_SKEW where the controller is too old to know `call`.
  absl::Status Explain(const grpc::Status& status, absl::string_view call) const;

  // `error`; where it is that nobody answered, with the reason as evidence. Looks
  // for it for some seconds at most.
  absl::Status Diagnose(const absl::Status& error) const;

 private:
  static bool IsGone(const grpc::Status& status);
  std::string NoAnswerText() const;

  template <class Service>
  Service& StubOf() {
    return *std::get<std::unique_ptr<Service>>(stubs_);
  }

  const Locate locate_;
  const std::string suffix_;
  Endpoint endpoint_;
  std::shared_ptr<grpc::Channel> channel_;
  std::tuple<std::unique_ptr<Stub>, std::unique_ptr<HostStub>, std::unique_ptr<SecretStub>,
             std::unique_ptr<BuildStub>, std::unique_ptr<DatabaseStub>>
      stubs_;
};

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_CONNECTION_CONNECTION_H_
