#include "client/commands/deployments/reporters.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <fstream>

namespace davit::commands {
namespace {

output::TerminalSize SizeOfTerminal() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {};
  return {.width = size.ws_col, .height = size.ws_row};
}

std::unique_ptr<output::Reporter> ForGithub(const Invocation& invocation) {
  const std::string path = invocation.variable("GITHUB_STEP_SUMMARY").value_or("");
  return output::MakeGithubReporter(invocation.out, [path](const std::string& summary) {
    if (!path.empty()) std::ofstream(path, std::ios::app) << summary;
  });
}

}  // namespace

std::unique_ptr<output::Reporter> ChooseReporter(const Invocation& invocation) {
  static const SystemClock clock;
  if (invocation.common.json) return output::MakeJsonReporter(invocation.out, invocation.err);
  if (invocation.common.quiet)
    return output::MakeQuietReporter(invocation.err, invocation.err_width);
  if (invocation.variable("GITHUB_ACTIONS") == "true") return ForGithub(invocation);
  const output::Style style = invocation.ErrStyle();
  if (!style.unicode) return output::MakePlainReporter(invocation.err);
  return output::MakeTerminalReporter(invocation.err, clock, SizeOfTerminal, style.color);
}

}  // namespace davit::commands
