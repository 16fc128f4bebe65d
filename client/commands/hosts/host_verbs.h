#ifndef DAVIT_CLIENT_COMMANDS_HOSTS_HOST_VERBS_H_
#define DAVIT_CLIENT_COMMANDS_HOSTS_HOST_VERBS_H_

#include <CLI/App.hpp>

#include "absl/functional/function_ref.h"
#include "client/commands/connection/call_and_show.h"
#include "client/commands/connection/connection.h"
#include "client/commands/invocation/invocation.h"

namespace davit::commands {

// Each adds one of the verbs of `davit hosts`.
void AddHostAdd(CLI::App& hosts, Invocation& invocation);
void AddHostRemove(CLI::App& hosts, Invocation& invocation);
void AddHostAdopt(CLI::App& hosts, Invocation& invocation);

// How long a call may take for which the controller asks the host itself.
inline constexpr absl::Duration kHostCallTimeout = absl::Seconds(60);

// Makes one call of the HostService and shows its answer: with --json as it came,
// else by `show`. The exit code.
template <class Request, class Response>
int CallForHosts(const Invocation& invocation,
                 grpc::Status (Connection::HostStub::*method)(grpc::ClientContext*, const Request&,
                                                              Response*),
                 const Request& request, Repeat repeat,
                 absl::FunctionRef<void(const Response&)> show) {
  return CallAndShow(invocation, method, request, kHostCallTimeout, repeat, show);
}

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_HOSTS_HOST_VERBS_H_
