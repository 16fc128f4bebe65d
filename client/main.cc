#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include "client/commands/command_line/command_line.h"

namespace {

std::optional<std::string> EnvironmentVariable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// 0 when it is none.
int WidthOfTerminal(int descriptor) {
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

int main(int argc, char** argv) {
  davit::commands::Invocation invocation{.out = std::cout,
                                         .err = std::cerr,
                                         .out_is_terminal = isatty(STDOUT_FILENO) == 1,
                                         .err_is_terminal = isatty(STDERR_FILENO) == 1,
                                         .out_width = WidthOfTerminal(STDOUT_FILENO),
                                         .err_width = WidthOfTerminal(STDERR_FILENO),
                                         .variable = EnvironmentVariable,
                                         .out_descriptor = STDOUT_FILENO};
  return davit::commands::RunCommandLine({argv + 1, argv + argc}, invocation);
}
