#include "client/local/launcher.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/local/engine_claim.h"
#include "client/local/health.h"
#include "client/local/lock_holder.h"
#include "client/local/process.h"
#include "client/local/version.h"
#include "common/failure/failure.h"
#include "common/file_lock.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "davit/v1/deployment_service.grpc.pb.h"
#include "worker/docker/engine.h"

namespace davit::local {
namespace {

constexpr absl::Duration kDockerTimeout = absl::Seconds(10);
constexpr absl::Duration kStartTimeout = absl::Seconds(15);
constexpr absl::Duration kStopTimeout = absl::Seconds(15);
constexpr absl::Duration kProbeTimeout = absl::Seconds(1);
constexpr absl::Duration kPollInterval = absl::Milliseconds(20);
constexpr int kReasonLines = 5;

// What an agent needs of its first caller's environment, and no more: it lives
// longer than the caller, and its environment can be read in /proc.
constexpr std::array<const char*, 14> kInherited = {
    "PATH",         "HOME",           "USER",       "LOGNAME",        "LANG",
    "TZ",           "DOCKER_CONFIG",  "TMPDIR",     "ASAN_OPTIONS",   "UBSAN_OPTIONS",
    "LSAN_OPTIONS", "GRPC_VERBOSITY", "GRPC_TRACE", "LD_LIBRARY_PATH"};

bool Serves(const AgentPaths& paths) {
  return std::filesystem::exists(paths.socket()) &&
         IsServing(MakeChannel(UnixAddress(paths.socket())), absl::Now() + kProbeTimeout);
}

std::streamoff SizeOf(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::streamoff>(size);
}

// What was written to `path` after `begin`, from the first error on.
std::vector<std::string> LinesAfter(const std::string& path, std::streamoff begin) {
  std::ifstream in(path);
  in.seekg(begin);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(std::move(line));
  }
  const auto error = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
    return absl::StartsWith(line, "error:");
  });
  if (error != lines.end()) lines.erase(lines.begin(), error);
  if (lines.size() > kReasonLines) lines.resize(kReasonLines);
  return lines;
}

// Root lends its hands to the user whose directory it is: files of root's in it
// would lock that user out. nullopt: nobody else's.
absl::StatusOr<std::optional<Identity>> OwnerOf(const std::string& directory) {
  struct stat status {};
  if (geteuid() != 0 || stat(directory.c_str(), &status) != 0 || status.st_uid == 0) {
    return std::nullopt;
  }
  absl::StatusOr<Identity> identity = IdentityOf(status.st_uid);
  if (!identity.ok()) return identity.status();
  return *std::move(identity);
}

absl::Status DidNotStart(const AgentPaths& paths, std::streamoff log_begin, absl::string_view how) {
  v1::Failure failure =
      MakeFailure(v1::CONTROLLER_UNREACHABLE, absl::StrCat("the local agent ", how),
                  LinesAfter(paths.log(), log_begin));
  failure.set_likely_cause("");
  failure.set_next_command(absl::StrCat("read ", paths.log()));
  return FailureStatus(failure);
}

// SIGTERM for the agent, and for no other process: the file with the number may be
// an old one, and its number somebody else's by now.
absl::Status Terminate(pid_t pid, const AgentPaths& paths) {
  // By system calls: the header of glibc 2.36 declares them for C only.
  const auto process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  const absl::Cleanup closing = [&] {
    if (process >= 0) close(process);
  };
  if (process < 0 || !HoldsLock(pid, paths.lock())) {
    return absl::FailedPreconditionError(absl::StrCat("process ", pid, " of ", paths.info(),
                                                      " does not hold ", paths.lock(),
                                                      ": somebody else does, and is left alone"));
  }
  if (syscall(SYS_pidfd_send_signal, process, SIGTERM, nullptr, 0) != 0 && errno != ESRCH) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot stop process ", pid, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

// Whether a deployment goes on in the agent; unknown counts as yes.
bool IsBusy(const AgentPaths& paths) {
  auto stub = v1::DeploymentService::NewStub(MakeChannel(UnixAddress(paths.socket())));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kProbeTimeout));
  v1::ListDeploymentsResponse response;
  if (!stub->ListDeployments(&context, {}, &response).ok()) return true;
  for (const v1::Deployment& deployment : response.deployments()) {
    if (!deployment.has_end_time()) return true;
  }
  return false;
}

}  // namespace

Launcher::Launcher(LauncherOptions options) : options_(std::move(options)) {}

absl::StatusOr<AgentPaths> Launcher::Find(bool claim) {
  const std::string ours = DefaultAgentDirectory(options_.variable, geteuid());
  docker::Engine engine(options_.docker_socket);
  const Call call = Call{}.Within(kDockerTimeout);
  if (!claim) {
    const absl::StatusOr<bool> taken = engine.VolumeExists(kClaimVolume, call);
    if (!taken.ok() || !*taken) return AgentPaths{ours};
  }
  const auto directory = ClaimAgentDirectory(
      ours, [&](const Labels& labels) { return engine.CreateVolume(kClaimVolume, labels, call); });
  if (!directory.ok()) return directory.status();
  return AgentPaths{*directory};
}

absl::StatusOr<std::string> Launcher::Ensure(absl::FunctionRef<void(absl::string_view)> notice) {
  const absl::StatusOr<AgentPaths> paths = Find(/*claim=*/true);
  if (!paths.ok()) return paths.status();
  TellOfUnusedDirectory(*paths, notice);
  if (absl::Status status = PrepareAgentDirectory(paths->directory); !status.ok()) return status;
  const auto starting = FileLock::Acquire(paths->start_lock(), absl::Now() + 2 * kStartTimeout);
  if (!starting.ok()) return starting.status();
  if (Serves(*paths)) {
    if (absl::Status status = ReplaceOlder(*paths, notice); !status.ok()) return status;
  }
  if (!Serves(*paths)) {
    if (absl::Status status = StartAgent(*paths); !status.ok()) return status;
  }
  return paths->socket();
}

void Launcher::TellOfUnusedDirectory(const AgentPaths& paths,
                                     absl::FunctionRef<void(absl::string_view)> notice) {
  const auto unused = UnusedDirectoryNotice(options_.variable, geteuid(), paths.directory);
  if (unused && !told_of_unused_) notice(*unused);
  told_of_unused_ = true;
}

absl::Status Launcher::ReplaceOlder(const AgentPaths& paths,
                                    absl::FunctionRef<void(absl::string_view)> notice) {
  const std::optional<AgentInfo> running = RunningAgent(paths);
  if (!running || running->version == kVersion) return absl::OkStatus();
  const std::string differs =
      absl::StrCat("the local agent is version ", running->version, ", this is ", kVersion);
  if (!IsOlderVersion(running->version, kVersion) || IsBusy(paths)) {
    notice(absl::StrCat(differs, "; it is used as it is"));
    return absl::OkStatus();
  }
  notice(absl::StrCat(differs, "; it is idle and is started anew"));
  return Stop(paths).status();
}

absl::Status Launcher::StartAgent(const AgentPaths& paths) {
  if (child_ && HasEnded(*child_)) child_.reset();
  absl::StatusOr<std::optional<Identity>> owner = OwnerOf(paths.directory);
  if (!owner.ok()) return owner.status();
  BackgroundProcess process{.output_path = paths.log(), .identity = *std::move(owner)};
  process.arguments = {options_.program, "agent",           "--directory",
                       paths.directory,  "--docker-socket", options_.docker_socket};
  if (const auto idle = options_.variable("DAVIT_AGENT_IDLE")) {
    process.arguments.insert(process.arguments.end(), {"--idle", *idle});
  }
  for (const char* name : kInherited) {
    if (const auto value = options_.variable(name)) {
      process.environment.push_back(absl::StrCat(name, "=", *value));
    }
  }
  if (process.identity) {
    // The first of two entries of a name would win.
    std::erase_if(process.environment, [](const std::string& entry) {
      return absl::StartsWith(entry, "HOME=") || absl::StartsWith(entry, "DOCKER_CONFIG=");
    });
    process.environment.push_back(absl::StrCat("HOME=", process.identity->home));
  }
  const std::streamoff log_begin = SizeOf(paths.log());
  const absl::StatusOr<pid_t> child = StartInBackground(process);
  if (!child.ok()) return child.status();
  child_ = *child;
  return AwaitServing(paths, log_begin, absl::Now() + kStartTimeout);
}

absl::Status Launcher::AwaitServing(const AgentPaths& paths, std::streamoff log_begin,
                                    absl::Time deadline) {
  while (!Serves(paths)) {
    if (HasEnded(*child_)) {
      child_.reset();
      return DidNotStart(paths, log_begin, "did not start");
    }
    if (absl::Now() >= deadline) {
      return DidNotStart(
          paths, log_begin,
          absl::StrCat("did not answer within ", absl::FormatDuration(kStartTimeout)));
    }
    absl::SleepFor(kPollInterval);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Launcher::Stop(const AgentPaths& paths) {
  const std::optional<AgentInfo> running = RunningAgent(paths);
  if (!running) return false;
  if (absl::Status status = Terminate(running->pid, paths); !status.ok()) return status;
  const absl::Time deadline = absl::Now() + kStopTimeout;
  while (FileLock::IsHeld(paths.lock())) {
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("the agent, process ", running->pid, ", has not ended yet"));
    }
    absl::SleepFor(kPollInterval);
  }
  return true;
}

}  // namespace davit::local
