#include "client/commands/invocation/confirmation.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/commands/invocation/bad_input.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/invocation/interrupt.h"
#include "client/commands/invocation/shell_command.h"
#include "client/output/failure_text.h"
#include "client/output/json.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

constexpr size_t kLongestAnswer = 1000;
constexpr int kAnswerTickMs = 100;

absl::Status GaveUp() {
  v1::Failure failure = MakeFailure(v1::CANCELLED_BY_USER, "not confirmed; nothing was done");
  failure.clear_likely_cause();
  failure.clear_next_command();
  return FailureStatus(failure);
}

}  // namespace

bool CanAsk(const Invocation& invocation) { return isatty(invocation.in_descriptor) == 1; }

int FailUnconfirmed(const Invocation& invocation, absl::string_view what,
                    const v1::PlanDeploymentResponse& plan) {
  const std::string command = CommandWith(invocation.words, "--yes");
  v1::Failure failure = FailureOf(
      BadInput(absl::StrCat(what, " must be confirmed, and there is no terminal to do it on"), ""));
  if (invocation.common.json) {
    failure.set_next_command(absl::StrCat("when the plan is as wanted: ", command));
    invocation.out << output::FailureJsonLine(failure, plan) << std::endl;
  }
  failure.set_next_command("when that is what you want, run this:");
  // Whole on a line of its own: what was wrapped cannot be pasted.
  invocation.err << output::ErrorText(failure, invocation.ErrStyle()) << command << "\n"
                 << std::flush;
  return kBadInput;
}

absl::StatusOr<std::string> AskLine(const Invocation& invocation, absl::string_view prompt) {
  const InterruptScope interrupt;
  invocation.err << prompt << std::flush;
  std::string text;
  std::array<char, 256> chunk{};
  while (text.empty() || text.back() != '\n') {
    if (interrupt.requested() || text.size() > kLongestAnswer) return GaveUp();
    pollfd waiting{invocation.in_descriptor, POLLIN, 0};
    if (poll(&waiting, 1, kAnswerTickMs) <= 0) continue;
    const ssize_t length = read(invocation.in_descriptor, chunk.data(), chunk.size());
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return GaveUp();
    text.append(chunk.data(), static_cast<size_t>(length));
  }
  return std::string(absl::StripAsciiWhitespace(text));
}

absl::Status Confirm(const Invocation& invocation, absl::string_view question) {
  const auto answer = AskLine(invocation, absl::StrCat(question, " Type yes to go on: "));
  if (!answer.ok()) return answer.status();
  return absl::EqualsIgnoreCase(*answer, "yes") ? absl::OkStatus() : GaveUp();
}

absl::Status ConfirmByName(const Invocation& invocation, absl::string_view question,
                           absl::string_view name) {
  const auto answer =
      AskLine(invocation, absl::StrCat(question, " Type its name (", name, ") to go on: "));
  if (!answer.ok()) return answer.status();
  return *answer == name ? absl::OkStatus() : GaveUp();
}

}  // namespace davit::commands
