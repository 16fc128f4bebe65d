#ifndef DAVIT_CLIENT_COMMANDS_CONNECTION_H_
#define DAVIT_CLIENT_COMMANDS_CONNECTION_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/commands/invocation.h"
#include "davit/v1/deployment_service.grpc.pb.h"

namespace davit::commands {

// A way to the controller's API.
class Connection {
 public:
  using Stub = v1::DeploymentService::Stub;
  // Finds out where the controller serves; in local mode it starts the agent
  // when none does. The socket's path.
  using Locate = std::function<absl::StatusOr<std::string>()>;

  // The controller that the options name. SPEC_INVALID when they name none.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Invocation& invocation);

  // `suffix`: the options that lead a later command to the same controller.
  Connection(Locate locate, std::string suffix);

  // Locates the controller again and makes a new channel to it.
  absl::Status Reopen();

  // CONTROLLER_UNREACHABLE when the controller says nothing for some seconds.
  absl::Status Probe() const;

  // After the first successful Reopen.
  Stub& stub() { return *stub_; }
  const std::string& suffix() const { return suffix_; }

  // One call. When the controller is gone before it could answer, it is located
  // again and asked once more: every call can be repeated without harm.
  template <class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request,
                                absl::Duration timeout = absl::Seconds(30)) {
    Response response;
    const auto once = [&] {
      grpc::ClientContext context;
      context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
      return (stub().*method)(&context, request, &response);
    };
    grpc::Status status = once();
    if (IsGone(status)) {
      if (absl::Status reopened = Reopen(); !reopened.ok()) return reopened;
      status = once();
    }
    if (!status.ok()) return Explain(status);
    return response;
  }

  // The status with CONTROLLER_UNREACHABLE where the transport failed.
  absl::Status Explain(const grpc::Status& status) const;

 private:
  static bool IsGone(const grpc::Status& status);

  const Locate locate_;
  const std::string suffix_;
  std::string socket_;
  std::unique_ptr<Stub> stub_;
};

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_CONNECTION_H_
