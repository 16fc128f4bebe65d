#ifndef DAVIT_CLIENT_COMMANDS_COMMAND_LINE_COMPLETE_REMOTE_H_
#define DAVIT_CLIENT_COMMANDS_COMMAND_LINE_COMPLETE_REMOTE_H_

#include <set>
#include <string>

#include "client/commands/invocation/invocation.h"
#include "davit/v1/spec.pb.h"

// Words to complete that only the controller knows. Who presses a key waits for them: nothing is
// offered where no controller is named, where it does not answer at once, or, in local mode,
// where no agent runs. Nothing is started, and nothing is said of errors.
namespace davit::commands {

// Numbers of releases that `apps` can be rolled back to: "41", of several apps "web=41".
std::set<std::string> ReleasesToComplete(const Invocation& invocation,
                                         const v1::EnvironmentSpec& spec,
                                         const std::set<std::string>& apps);

// Files of backups that can be put in the place of the database.
std::set<std::string> BackupsToComplete(const Invocation& invocation,
                                        const v1::EnvironmentSpec& spec,
                                        const std::string& database);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_COMMAND_LINE_COMPLETE_REMOTE_H_
