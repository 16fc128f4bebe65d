#include "worker/steps/database/archive_way.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "worker/database/archive_failure.h"
#include "worker/steps/database/archive_status.h"
#include "worker/steps/database/image_tools.h"
#include "worker/steps/database/shared_sessions.h"

namespace davit::steps {
namespace {

using worker::v1::DatabaseAccess;

absl::Status PoolerBetween(const DatabaseAccess& access, v1::FailureCode code) {
  const bool admin = access.has_admin_url();
  v1::Failure failure = MakeFailure(
      code,
      absl::StrCat("database ", access.name(), ": ", admin ? "its admin_url" : "its URL",
                   " leads through a pooler in transaction mode, which hands settings of one "
                   "session on to others"),
      {"one process of the server answered two sessions at once"});
  failure.set_likely_cause("pgbouncer, or another pooler, is between");
  failure.set_next_command(
      absl::StrCat(admin ? "change the secret of" : "set a secret and name it as", " databases.",
                   access.name(), ".admin_url: the URL of the server itself, past the pooler"));
  return FailureStatus(failure);
}

// Names of containers are the same in many networks.
std::string ServerName(const DatabaseAccess& access, const database::DatabaseUrl& resolved) {
  bool in_networks = false;
  for (const database::DatabaseHost& host : resolved.hosts) in_networks |= !host.address.empty();
  if (!in_networks || access.networks().empty()) return resolved.HostsText();
  return absl::StrCat(resolved.HostsText(), " in ", absl::StrJoin(access.networks(), ","));
}

std::string NameOnServer(const database::DatabaseUrl& url) {
  return url.database.empty() ? url.user : url.database;
}

// What the server says of itself, where it is no pooler that hands sessions around.
absl::StatusOr<database::ServerInfo> AskServer(const StepDatabase& database,
                                               const database::DatabaseUrl& resolved,
                                               const DatabaseAccess& access,
                                               const StepContext& context, v1::FailureCode code) {
  const auto connection = database::Connect(resolved, {}, context.call);
  if (!connection.ok()) return database.FailureFor(connection.status());
  const auto info = database::ReadServerInfo(**connection, context.call);
  if (!info.ok()) return database.FailureFor(info.status());
  if (!info->pooler) return info;
  const auto shares = SharesSessions(
      **connection, [&](const Call& call) { return database::Connect(resolved, {}, call); },
      context.call);
  if (!shares.ok()) return database.FailureFor(shares.status());
  if (*shares) return PoolerBetween(access, code);
  return info;
}

// Nothing where the server's container, if it is one of this host, has no fitting tools.
std::unique_ptr<database::ToolRunner> ToolsOfServersImage(const database::DatabaseUrl& resolved,
                                                          const database::ServerInfo& server,
                                                          const DatabaseAccess& access,
                                                          const StepContext& context,
                                                          docker::Engine& engine) {
  const auto image = ServerImage(engine, resolved, access, context.call);
  if (!image.ok() || image->empty()) return nullptr;
  auto tools = ImageTools::Of(engine, *image, absl::StrCat("database-", context.key.step_id()),
                              context.call);
  if (!tools.ok() || (*tools)->major_version() < server.major_version) return nullptr;
  return *std::move(tools);
}

absl::StatusOr<std::unique_ptr<database::ToolRunner>> FindTools(
    const database::DatabaseUrl& resolved, const database::ServerInfo& server,
    const DatabaseAccess& access, const StepContext& context, docker::Engine& engine,
    const database::ToolPlaces& places) {
  auto tools = database::HostTools::Find(context.call, server.major_version, places);
  if (tools.ok()) return std::make_unique<database::HostTools>(*std::move(tools));
  const auto failure = database::ArchiveFailureOf(tools.status());
  if (!failure.has_value()) return tools.status();
  auto of_image = ToolsOfServersImage(resolved, server, access, context, engine);
  if (of_image != nullptr) return of_image;
  return tools.status();
}

}  // namespace

absl::StatusOr<ArchiveWay> FindArchiveWay(const DatabaseAccess& access, const StepContext& context,
                                          docker::Engine& engine,
                                          const database::ToolPlaces& places,
                                          v1::FailureCode code) {
  const auto database = StepDatabase::Of(access, WayIn::kAdmin, context, engine);
  if (!database.ok()) return database.status();
  auto resolved = database->Resolve(context.call);
  if (!resolved.ok()) return database->FailureFor(resolved.status());
  auto server = AskServer(*database, *resolved, access, context, code);
  if (!server.ok()) return server.status();
  auto tools = FindTools(*resolved, *server, access, context, engine, places);
  if (!tools.ok()) return ArchiveStatus(tools.status(), code, access.name());
  std::string server_name = ServerName(access, *resolved);
  std::string name = NameOnServer(*resolved);
  return ArchiveWay{.name = access.name(),
                    .url = *std::move(resolved),
                    .server = *std::move(server),
                    .tools = *std::move(tools),
                    .database = std::move(name),
                    .server_name = std::move(server_name)};
}

absl::StatusOr<ServerWay> FindServerWay(const DatabaseAccess& access, const StepContext& context,
                                        docker::Engine& engine) {
  const auto database = StepDatabase::Of(access, WayIn::kAdmin, context, engine);
  if (!database.ok()) return database.status();
  auto resolved = database->Resolve(context.call);
  if (!resolved.ok()) return database->FailureFor(resolved.status());
  std::string name = NameOnServer(*resolved);
  return ServerWay{.name = access.name(), .url = *std::move(resolved), .database = std::move(name)};
}

}  // namespace davit::steps
