#ifndef DAVIT_CLIENT_COMMANDS_DEPLOYMENTS_REPORTERS_H_
#define DAVIT_CLIENT_COMMANDS_DEPLOYMENTS_REPORTERS_H_

#include <memory>

#include "client/commands/invocation/invocation.h"
#include "client/output/reporter.h"

namespace davit::commands {

// The reporter that suits where the output goes: --json, -q, GitHub Actions, a
// terminal, anything else.
std::unique_ptr<output::Reporter> ChooseReporter(const Invocation& invocation);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_DEPLOYMENTS_REPORTERS_H_
