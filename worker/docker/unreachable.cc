#include "worker/docker/unreachable.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::docker {
namespace {

struct Reason {
  int os_error;
  absl::string_view message;
  absl::string_view likely_cause;
  absl::string_view next_command;
};

constexpr Reason kReasons[] = {
    {ENOENT, "There is no Docker socket at ", "Docker is not installed, or its socket is elsewhere",
     "start Docker with `systemctl start docker`, or name its socket: a worker's as "
     "`docker_socket`, "
     "that of --local in DOCKER_HOST"},
    {ECONNREFUSED, "Nothing listens on the Docker socket ",
     "the Docker Engine has stopped and left its socket behind",
     "start Docker with `systemctl start docker`"},
    {EACCES, "There is no permission to use the Docker socket ",
     "this user is not in the group `docker`",
     "add the user with `usermod -aG docker USER` and log in again"},
    {0, "The connection to the Docker Engine broke off: ",
     "the Docker Engine was stopped or restarted", "look at `journalctl -u docker`"},
};

constexpr Reason kOther = {-1, "The Docker Engine cannot be reached at ",
                           "the engine is not running, or its socket is elsewhere",
                           "run `docker version` on that host"};

}  // namespace

absl::Status UnreachableStatus(absl::string_view socket_path, int os_error,
                               absl::string_view what) {
  const auto* found = std::find_if(std::begin(kReasons), std::end(kReasons),
                                   [&](const Reason& r) { return r.os_error == os_error; });
  const Reason& reason = found == std::end(kReasons) ? kOther : *found;
  const std::string word = os_error > 0 ? std::strerror(os_error) : std::string(what);
  v1::Failure failure =
      MakeFailure(v1::DOCKER_UNREACHABLE, absl::StrCat(reason.message, socket_path),
                  {absl::StrCat("socket ", socket_path, ": ", word)});
  failure.set_likely_cause(std::string(reason.likely_cause));
  failure.set_next_command(std::string(reason.next_command));
  return FailureStatus(failure);
}

}  // namespace davit::docker
