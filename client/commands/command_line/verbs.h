#ifndef DAVIT_CLIENT_COMMANDS_COMMAND_LINE_VERBS_H_
#define DAVIT_CLIENT_COMMANDS_COMMAND_LINE_VERBS_H_

#include <CLI/App.hpp>
#include <string>

#include "client/commands/invocation/invocation.h"

namespace davit::commands {

// Each adds one verb to the command line; the verb that was given sets
// invocation.run. `invocation` outlives the parser.
void AddDeploy(CLI::App& app, Invocation& invocation);
void AddBuild(CLI::App& app, Invocation& invocation);
void AddPlan(CLI::App& app, Invocation& invocation);
void AddDoctor(CLI::App& app, Invocation& invocation);
void AddRollback(CLI::App& app, Invocation& invocation);
void AddPromote(CLI::App& app, Invocation& invocation);
void AddBackup(CLI::App& app, Invocation& invocation);
void AddBackups(CLI::App& app, Invocation& invocation);
void AddRestore(CLI::App& app, Invocation& invocation);
void AddStatus(CLI::App& app, Invocation& invocation);
void AddHistory(CLI::App& app, Invocation& invocation);
void AddShow(CLI::App& app, Invocation& invocation);
void AddLogs(CLI::App& app, Invocation& invocation);
void AddWatch(CLI::App& app, Invocation& invocation);
void AddCancel(CLI::App& app, Invocation& invocation);
void AddHosts(CLI::App& app, Invocation& invocation);
void AddSecrets(CLI::App& app, Invocation& invocation);
void AddValidate(CLI::App& app, Invocation& invocation);
void AddSchema(CLI::App& app, Invocation& invocation);
void AddInit(CLI::App& app, Invocation& invocation);
void AddAgent(CLI::App& app, Invocation& invocation);
void AddVersion(CLI::App& app, Invocation& invocation);
void AddCompletion(CLI::App& app, Invocation& invocation);

// `davit help [VERB]`, which RunCommandLine takes for --help.
inline constexpr char kHelpVerb[] = "help";
void AddHelp(CLI::App& app);

// "davit 0.3.0".
std::string VersionText();

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_COMMAND_LINE_VERBS_H_
