#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/commands/hosts/host_verbs.h"
#include "client/output/text.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

absl::StatusOr<v1::RemoveHostResponse> AskToRemove(Connection& connection, const std::string& name,
                                                   bool force) {
  v1::RemoveHostRequest request;
  request.set_name(name);
  request.set_force(force);
  return connection.Call(&Connection::HostStub::RemoveHost, request, kHostCallTimeout, Repeat::kNo);
}

// `uses`: who needed the host, in the controller's words; they do not say who needs it from now on.
void TellOfRemoval(const Invocation& invocation, const std::string& name,
                   const std::vector<std::string>& uses) {
  if (invocation.common.quiet) return;
  invocation.Tell(absl::StrCat(output::Sanitize(name), " is forgotten; its containers go on"));
  for (const std::string& use : uses) {
    invocation.Tell(absl::StrCat("it was in use: ", output::Sanitize(use)));
  }
}

int RemoveTheHost(const Invocation& invocation, const std::string& name, bool force) {
  const auto connection = Connection::Open(invocation);
  if (!connection.ok()) return invocation.Fail(connection.status());
  std::vector<std::string> uses;
  absl::StatusOr<v1::RemoveHostResponse> removed = AskToRemove(**connection, name, false);
  // The refusal says whom the force hits; the answer to the force itself says nothing.
  if (force && IsFailure(removed.status(), v1::HOST_IN_USE)) {
    const v1::Failure refusal = FailureOf(removed.status());
    uses = {refusal.evidence().begin(), refusal.evidence().end()};
    removed = AskToRemove(**connection, name, true);
  }
  if (!removed.ok()) return invocation.Fail(removed.status());
  if (invocation.common.json) {
    invocation.out << output::ToJsonListText(*removed) << std::flush;
  } else {
    TellOfRemoval(invocation, name, uses);
  }
  return kLive;
}

}  // namespace

void AddHostRemove(CLI::App& hosts, Invocation& invocation) {
  struct Options {
    std::string name;
    bool force = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = hosts.add_subcommand("remove", "Forget a host; its containers go on");
  verb->add_option("name", options->name, "The host")->required();
  verb->add_flag("--force", options->force,
                 "Even when a deployment goes on there or live releases name it");
  AddConnectionOptions(*verb, invocation);
  AddOutputOptions(*verb, invocation);
  verb->callback([options, &invocation] {
    invocation.run = [options, &invocation] {
      return RemoveTheHost(invocation, options->name, options->force);
    };
  });
}

}  // namespace davit::commands
