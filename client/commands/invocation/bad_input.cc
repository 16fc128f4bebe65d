#include "client/commands/invocation/bad_input.h"

#include "client/output/text.h"
#include "common/failure/failure.h"

namespace davit::commands {

absl::Status BadInput(absl::string_view message, absl::string_view next_command) {
  v1::Failure failure = MakeFailure(v1::SPEC_INVALID, output::Sanitize(message));
  failure.set_next_command(std::string(next_command));
  return FailureStatus(failure);
}

}  // namespace davit::commands
