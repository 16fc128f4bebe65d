#ifndef DAVIT_CLIENT_COMMANDS_PROJECT_STARTER_FILE_H_
#define DAVIT_CLIENT_COMMANDS_PROJECT_STARTER_FILE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace davit::commands {

// A project's name made of a directory's: what davit.yaml takes.
std::string ProjectNameFrom(absl::string_view directory_name);

struct StarterOptions {
  std::string project;
  std::string image;
  int port = 8000;  // of the container, and published on the host
};

// A commented davit.yaml to begin with.
std::string StarterFile(const StarterOptions& options);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_PROJECT_STARTER_FILE_H_
