#ifndef DAVIT_COMMON_CONFIG_COMMAND_LINE_H_
#define DAVIT_COMMON_CONFIG_COMMAND_LINE_H_

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <vector>

#include "common/config/program.h"

namespace davit::config {

// For a program that has been told what cannot be obeyed.
inline constexpr int kBadConfiguration = 2;

// What a daemon was told to do.
struct CommandLine {
  std::optional<int> exit_code;  // set: there is nothing to do any more, end with it
  std::string verb;              // empty: serve
  std::string argument;          // of the verb
};

// Reads a daemon's arguments, environment and file into `config`. Answers
// --help, --version and --print-config, and says on err what is wrong.
CommandLine ReadCommandLine(const Program& program, const std::vector<std::string>& arguments,
                            const Surroundings& surroundings, google::protobuf::Message* config);

}  // namespace davit::config

#endif  // DAVIT_COMMON_CONFIG_COMMAND_LINE_H_
