#ifndef DAVIT_CLIENT_COMMANDS_CONNECTION_CALL_AND_SHOW_H_
#define DAVIT_CLIENT_COMMANDS_CONNECTION_CALL_AND_SHOW_H_

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "client/commands/connection/connection.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/invocation/invocation.h"
#include "client/output/json.h"

namespace davit::commands {

// Makes one call and shows its answer: with --json as it came, an empty list as one, else by
// `show`. The exit code.
template <class Service, class Request, class Response>
int CallAndShow(const Invocation& invocation,
                grpc::Status (Service::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request, absl::Duration timeout, Repeat repeat,
                absl::FunctionRef<void(const Response&)> show) {
  const auto connection = Connection::Open(invocation);
  if (!connection.ok()) return invocation.Fail(connection.status());
  const absl::StatusOr<Response> response = (*connection)->Call(method, request, timeout, repeat);
  if (!response.ok()) return invocation.Fail(response.status());
  if (invocation.common.json) {
    invocation.out << output::ToJsonListText(*response) << std::flush;
  } else {
    show(*response);
  }
  return kLive;
}

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_CONNECTION_CALL_AND_SHOW_H_
