#include "client/commands/reporters.h"

namespace davit::commands {

std::unique_ptr<output::Reporter> ChooseReporter(const Invocation& invocation) {
  if (invocation.common.json) return output::MakeJsonReporter(invocation.out, invocation.err);
  if (invocation.common.quiet) return output::MakeQuietReporter(invocation.err);
  return output::MakePlainReporter(invocation.err);
}

}  // namespace davit::commands
