#include <memory>
#include <string>

#include "client/commands/hosts/host_verbs.h"
#include "client/output/host_text.h"
#include "client/output/text.h"

namespace davit::commands {
namespace {

int AdoptTheHost(const Invocation& invocation, const std::string& name) {
  v1::AdoptHostRequest request;
  request.set_name(name);
  return CallForHosts<v1::AdoptHostRequest, v1::AdoptHostResponse>(
      invocation, &Connection::HostStub::AdoptHost, request, Repeat::kYes,
      [&](const v1::AdoptHostResponse& response) {
        invocation.out << "adopted: " << output::HostLine(response.host()) << "\n";
        for (const std::string& difference : response.differences()) {
          invocation.out << "differs: " << output::Sanitize(difference) << "\n";
        }
        invocation.out << std::flush;
      });
}

}  // namespace

void AddHostAdopt(CLI::App& hosts, Invocation& invocation) {
  auto name = std::make_shared<std::string>();
  CLI::App* verb = hosts.add_subcommand(
      "adopt", "Make a worker follow this controller after it was restored from a backup");
  verb->add_option("name", *name, "The host")->required();
  AddConnectionOptions(*verb, invocation);
  AddOutputOptions(*verb, invocation);
  verb->callback([name, &invocation] {
    invocation.run = [name, &invocation] { return AdoptTheHost(invocation, *name); };
  });
}

}  // namespace davit::commands
