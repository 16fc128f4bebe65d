#ifndef DAVIT_WORKER_DATABASE_BACKUP_CHILD_H_
#define DAVIT_WORKER_DATABASE_BACKUP_CHILD_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/call.h"

namespace davit::database {

// A program to run. Its arguments can be seen by everybody on the host: what is
// secret goes into the environment.
struct ChildCommand {
  std::vector<std::string> arguments;  // begins with the program's path
  // All that it has besides PATH, HOME and the language, which is C.
  std::map<std::string, std::string> environment;
  int input = -1;                  // its standard input; -1: nothing. Not owned
  int output = -1;                 // its standard output; -1: nowhere. Not owned
  std::function<void()> progress;  // called several times a second; may be empty
};

struct ChildEnd {
  int exit_code = 0;       // when `signal` is 0
  int signal = 0;          // what has ended it
  std::string error_tail;  // the last 8 KiB of its standard error
  bool ok() const { return exit_code == 0 && signal == 0; }
};

// Runs a program in a process group of its own. When it ends, or `call` does
// (CANCELLED, DEADLINE_EXCEEDED), nothing of the group is left: it gets SIGTERM,
// and SIGKILL 5 s later. It gets SIGTERM, too, when this process is killed. NOT_FOUND when there is
// no such program.
absl::StatusOr<ChildEnd> RunChild(const Call& call, const ChildCommand& command);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_BACKUP_CHILD_H_
