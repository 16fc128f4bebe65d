#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/commands/hosts/host_verbs.h"
#include "client/commands/invocation/bad_input.h"
#include "client/output/host_text.h"
#include "common/rpc/address.h"

namespace davit::commands {
namespace {

int AddTheHost(const Invocation& invocation, v1::AddHostRequest request) {
  if (const auto address = ParseAddress(request.address()); !address.ok()) {
    return invocation.Fail(
        BadInput(absl::StrCat("the worker's address: ", address.status().message()),
                 "give it as host:port or unix:/path"));
  }
  request.set_added_by(CallerName(invocation));
  return CallForHosts<v1::AddHostRequest, v1::AddHostResponse>(
      invocation, &Connection::HostStub::AddHost, request, Repeat::kNo,
      [&](const v1::AddHostResponse& response) {
        invocation.out << "added: " << output::HostLine(response.host()) << std::endl;
      });
}

}  // namespace

void AddHostAdd(CLI::App& hosts, Invocation& invocation) {
  struct Options {
    std::string name;
    std::string address;
    bool replace = false;
    bool unchecked = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = hosts.add_subcommand("add", "Ask the worker of a host and take the host up");
  verb->add_option("name", options->name, "Name that davit.yaml and its certificate use")
      ->required();
  verb->add_option("address", options->address, "Where its worker serves: host:port or unix:/path")
      ->required();
  verb->add_flag("--replace", options->replace, "Give a host that exists another address");
  verb->add_flag("--unchecked", options->unchecked, "Even when its worker does not answer");
  AddConnectionOptions(*verb, invocation);
  AddOutputOptions(*verb, invocation);
  verb->callback([options, &invocation] {
    invocation.run = [options, &invocation] {
      v1::AddHostRequest request;
      request.set_name(options->name);
      request.set_address(options->address);
      request.set_replace(options->replace);
      request.set_unchecked(options->unchecked);
      return AddTheHost(invocation, request);
    };
  });
}

}  // namespace davit::commands
