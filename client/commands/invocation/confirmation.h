#ifndef DAVIT_CLIENT_COMMANDS_INVOCATION_CONFIRMATION_H_
#define DAVIT_CLIENT_COMMANDS_INVOCATION_CONFIRMATION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/commands/invocation/invocation.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::commands {

// Whether standard input is a terminal, on which somebody can be asked.
bool CanAsk(const Invocation& invocation);

// Where nobody can be asked and --yes was not given: says so, and which command would do what
// was planned; with --json as {"failure": …, "plan": …}, so that a script can decide. `what` is
// what it is about: "a rollback". Returns the exit code.
int FailUnconfirmed(const Invocation& invocation, absl::string_view what,
                    const v1::PlanDeploymentResponse& plan);

// A line that is typed on the terminal after `prompt`, without blanks around it.
// CANCELLED_BY_USER on Ctrl-C, or when there is no more.
absl::StatusOr<std::string> AskLine(const Invocation& invocation, absl::string_view prompt);

// Asks `question`, which "yes" answers. CANCELLED_BY_USER for every other answer.
absl::Status Confirm(const Invocation& invocation, absl::string_view question);

// Asks `question`, which `name` answers: for what cannot be undone. CANCELLED_BY_USER as above.
absl::Status ConfirmByName(const Invocation& invocation, absl::string_view question,
                           absl::string_view name);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_INVOCATION_CONFIRMATION_H_
