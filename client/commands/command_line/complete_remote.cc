#include "client/commands/command_line/complete_remote.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "client/commands/connection/connection.h"
#include "client/commands/rollback/rollback_releases.h"
#include "client/local/engine_claim.h"
#include "client/local/launcher.h"
#include "client/output/backup_text.h"

namespace davit::commands {
namespace {

constexpr absl::Duration kAtOnce = absl::Seconds(1);
constexpr absl::Duration kHostAtOnce = absl::Seconds(3);  // the controller asks the host

// Of the agent, where one runs.
absl::StatusOr<Endpoint> RunningAgent(const Invocation& invocation) {
  const auto docker_socket =
      local::DockerSocket(invocation.common.docker_socket, invocation.variable);
  if (!docker_socket.ok()) return docker_socket.status();
  local::Launcher launcher(
      local::LauncherOptions{.docker_socket = *docker_socket, .variable = invocation.variable});
  const auto paths = launcher.Find(/*claim=*/false);
  if (!paths.ok()) return paths.status();
  return Endpoint{.address = UnixAddress(paths->socket())};
}

absl::StatusOr<std::unique_ptr<Connection>> Reach(const Invocation& invocation) {
  absl::StatusOr<std::unique_ptr<Connection>> connection;
  if (invocation.common.local) {
    connection = std::make_unique<Connection>([&invocation] { return RunningAgent(invocation); },
                                              /*suffix=*/"");
    if (absl::Status opened = (*connection)->Reopen(); !opened.ok()) return opened;
  } else {
    connection = Connection::Open(invocation);
  }
  if (!connection.ok()) return connection;
  if (absl::Status there = (*connection)->Probe(kAtOnce); !there.ok()) return there;
  return connection;
}

}  // namespace

std::set<std::string> ReleasesToComplete(const Invocation& invocation,
                                         const v1::EnvironmentSpec& spec,
                                         const std::set<std::string>& apps) {
  const auto connection = Reach(invocation);
  if (!connection.ok()) return {};
  const auto past = ReadPastReleases(**connection, spec);
  if (!past.ok()) return {};
  std::set<std::string> words;
  for (const auto& [app, releases] : *past) {
    if (!apps.contains(app)) continue;
    for (const PastRelease& one : releases) {
      if (one.live) continue;
      words.insert(
          absl::StrCat(apps.size() == 1 ? "" : absl::StrCat(app, "="), one.release.number()));
    }
  }
  return words;
}

std::set<std::string> BackupsToComplete(const Invocation& invocation,
                                        const v1::EnvironmentSpec& spec,
                                        const std::string& database) {
  const auto connection = Reach(invocation);
  if (!connection.ok()) return {};
  v1::ListBackupsRequest request;
  *request.mutable_spec() = spec;
  const auto backups =
      (*connection)
          ->Call(&Connection::DatabaseStub::ListBackups, request, kHostAtOnce, Repeat::kNo);
  if (!backups.ok()) return {};
  std::set<std::string> files;
  for (const v1::Backup& backup : backups->backups()) {
    const bool fits = backup.database().empty() || backup.database() == database;
    if (fits) files.insert(output::BackupFile(backup));
  }
  return files;
}

}  // namespace davit::commands
