#include "client/commands/command_line/verbs.h"
#include "client/commands/invocation/exit_code.h"
#include "common/schema/json_schema.h"
#include "davit/v1/spec.pb.h"

namespace davit::commands {

void AddSchema(CLI::App& app, Invocation& invocation) {
  CLI::App* verb =
      app.add_subcommand("schema", "Print the JSON Schema of davit.yaml, for your editor");
  verb->callback([&invocation] {
    invocation.run = [&invocation] {
      invocation.out << schema::JsonSchemaOf(*v1::Project::descriptor(), "davit.yaml")
                     << std::flush;
      return kLive;
    };
  });
}

}  // namespace davit::commands
