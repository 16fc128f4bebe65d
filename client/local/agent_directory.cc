#include "client/local/agent_directory.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::local {
namespace {

std::string UserName(uid_t user) {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    return entry.pw_name;
  }
  return absl::StrCat("UID ", user);
}

absl::Status Unusable(const std::string& directory, absl::string_view why) {
  v1::Failure failure = MakeFailure(
      v1::CONTROLLER_UNREACHABLE,
      absl::StrCat("the local agent's directory ", directory, " cannot be used: ", why));
  struct stat status {};
  if (stat(directory.c_str(), &status) == 0) {
    failure.add_evidence(absl::StrCat("it belongs to ", UserName(status.st_uid)));
    failure.set_next_command(absl::StrCat("run davit as ", UserName(status.st_uid)));
  } else {
    failure.set_next_command("name a directory of your own in DAVIT_STATE_DIR");
  }
  failure.set_likely_cause("");
  return FailureStatus(failure);
}

// The longest name in the directory is that of a socket.
absl::Status CheckLength(const std::string& directory) {
  const AgentPaths paths{directory};
  if (paths.worker_socket().size() < sizeof(sockaddr_un::sun_path)) return absl::OkStatus();
  return Unusable(directory, "its name is too long for a Unix socket in it");
}

}  // namespace

std::string DefaultAgentDirectory(const Variable& variable, uid_t user) {
  const auto set = [&](const char* name) { return variable(name).value_or(""); };
  if (!set("DAVIT_STATE_DIR").empty()) {
    return std::filesystem::absolute(set("DAVIT_STATE_DIR")).lexically_normal();
  }
  if (user == 0) return "/var/lib/davit/agent";
  if (!set("XDG_STATE_HOME").empty()) return set("XDG_STATE_HOME") + "/davit/agent";
  return set("HOME") + "/.local/state/davit/agent";
}

std::optional<std::string> UnusedDirectoryNotice(const Variable& variable, uid_t user,
                                                 const std::string& used) {
  const std::string wanted = DefaultAgentDirectory(variable, user);
  std::error_code error;  // the same directory may be spelt in two ways
  if (wanted == used || std::filesystem::equivalent(wanted, used, error)) return std::nullopt;
  const bool named = !variable("DAVIT_STATE_DIR").value_or("").empty();
  const bool based = user != 0 && !variable("XDG_STATE_HOME").value_or("").empty();
  if (!named && !based) return std::nullopt;
  return absl::StrCat(named ? "DAVIT_STATE_DIR" : "XDG_STATE_HOME",
                      " is not used: the agent of this Docker Engine lives in ", used,
                      ", as its volume davit-agent says");
}

absl::Status PrepareAgentDirectory(const std::string& directory) {
  if (absl::Status status = CheckLength(directory); !status.ok()) return status;
  const std::filesystem::path parent = std::filesystem::path(directory).parent_path();
  std::error_code error;
  std::filesystem::create_directories(parent, error);
  if (error) return Unusable(directory, error.message());
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return Unusable(directory, std::strerror(errno));
  }
  if (access(directory.c_str(), R_OK | W_OK | X_OK) != 0) {
    return Unusable(directory, std::strerror(errno));
  }
  return absl::OkStatus();
}

}  // namespace davit::local
