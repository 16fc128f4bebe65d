#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/hosts/host_verbs.h"
#include "client/output/host_text.h"
#include "client/output/next_command.h"

namespace davit::commands {
namespace {

int ListHosts(const Invocation& invocation) {
  return CallForHosts<v1::ListHostsRequest, v1::ListHostsResponse>(
      invocation, &Connection::HostStub::ListHosts, {}, Repeat::kYes,
      [&](const v1::ListHostsResponse& hosts) {
        invocation.out << output::CompleteCommands(
            output::HostListText(hosts, absl::Now(), invocation.out_width),
            invocation.ConnectionOptions());
      });
}

int ShowHost(const Invocation& invocation, const std::string& name) {
  v1::GetHostRequest request;
  request.set_name(name);
  return CallForHosts<v1::GetHostRequest, v1::GetHostResponse>(
      invocation, &Connection::HostStub::GetHost, request, Repeat::kYes,
      [&](const v1::GetHostResponse& response) {
        v1::Host host = response.host();
        if (host.has_problem()) {
          output::FillIn(*host.mutable_problem(), /*id=*/"", host.name());
          output::CompleteCommands(*host.mutable_problem(), invocation.ConnectionOptions());
        }
        invocation.out << output::HostText(host, absl::Now(), absl::LocalTimeZone(),
                                           invocation.OutStyle());
      });
}

void AddList(CLI::App& hosts, Invocation& invocation) {
  CLI::App* verb = hosts.add_subcommand("list", "All hosts, with what is known of them now");
  AddConnectionOptions(*verb, invocation);
  AddOutputOptions(*verb, invocation);
  verb->callback(
      [&invocation] { invocation.run = [&invocation] { return ListHosts(invocation); }; });
}

void AddShowHost(CLI::App& hosts, Invocation& invocation) {
  auto name = std::make_shared<std::string>();
  CLI::App* verb = hosts.add_subcommand("show", "One host, with what runs on it");
  verb->add_option("name", *name, "The host")->required();
  AddConnectionOptions(*verb, invocation);
  AddOutputOptions(*verb, invocation);
  verb->callback([name, &invocation] {
    invocation.run = [name, &invocation] { return ShowHost(invocation, *name); };
  });
}

}  // namespace

void AddHosts(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("hosts", "The hosts that the controller deploys to");
  AddConnectionOptions(*verb, invocation);
  AddOutputOptions(*verb, invocation);
  AddList(*verb, invocation);
  AddHostAdd(*verb, invocation);
  AddShowHost(*verb, invocation);
  AddHostRemove(*verb, invocation);
  AddHostAdopt(*verb, invocation);
  verb->callback([verb, &invocation] {
    if (!verb->get_subcommands().empty()) return;
    invocation.run = [&invocation] { return ListHosts(invocation); };
  });
}

}  // namespace davit::commands
