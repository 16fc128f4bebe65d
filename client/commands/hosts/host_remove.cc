#include <memory>
#include <string>

#include "client/commands/hosts/host_verbs.h"
#include "client/output/text.h"

namespace davit::commands {
namespace {

int RemoveTheHost(const Invocation& invocation, const std::string& name, bool force) {
  v1::RemoveHostRequest request;
  request.set_name(name);
  request.set_force(force);
  return CallForHosts<v1::RemoveHostRequest, v1::RemoveHostResponse>(
      invocation, &Connection::HostStub::RemoveHost, request, Repeat::kNo,
      [&](const v1::RemoveHostResponse&) {
        if (invocation.common.quiet) return;
        invocation.err << output::Sanitize(name) << " is forgotten; its containers go on"
                       << std::endl;
      });
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
