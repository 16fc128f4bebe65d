#ifndef DAVIT_COMMON_CONFIG_PROGRAM_H_
#define DAVIT_COMMON_CONFIG_PROGRAM_H_

#include <google/protobuf/message.h>

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "common/spec/finding.h"

namespace davit::config {

// What a daemon can do besides serving: NAME ARGUMENT.
struct Verb {
  std::string name;
  std::string argument;       // what it is called in the help: FILE
  std::string argument_help;  // what it is
  std::string help;
};

// What is a daemon's own about its configuration.
struct Program {
  std::string name;     // davit-worker
  std::string about;    // one sentence
  std::string version;  // 1.2.3
  std::string prefix;   // of the environment's variables: DAVIT_WORKER_
  std::string file;     // read when it exists and no other is named
  std::vector<Verb> verbs;
  // What the rules of the fields do not say.
  std::function<void(const google::protobuf::Message&, const spec::Report&)> check;
};

// The world around the program.
struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  std::function<std::optional<std::string>(const std::string&)> variable;  // of the environment
};

}  // namespace davit::config

#endif  // DAVIT_COMMON_CONFIG_PROGRAM_H_
