#ifndef DAVIT_CLIENT_LOCAL_PROCESS_H_
#define DAVIT_CLIENT_LOCAL_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace davit::local {

// Whom a process runs as.
struct Identity {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;
  std::string name;
  std::string home;
};

// NOT_FOUND when the user has no entry.
absl::StatusOr<Identity> IdentityOf(uid_t user);

struct BackgroundProcess {
  std::vector<std::string> arguments;    // [0] is the program's path
  std::vector<std::string> environment;  // NAME=value
  std::string output_path;               // standard output and error are appended
  std::optional<Identity> identity;      // unset: the caller's
};

// Starts a process in a session of its own, which no Ctrl-C of this terminal
// reaches, with no open file of this one but the output. The pid, a child.
absl::StatusOr<pid_t> StartInBackground(const BackgroundProcess& process);

// Whether `child` has ended. Collects it.
bool HasEnded(pid_t child);

}  // namespace davit::local

#endif  // DAVIT_CLIENT_LOCAL_PROCESS_H_
