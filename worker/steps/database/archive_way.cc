#include "worker/steps/database/archive_way.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/steps/database/archive_status.h"
#include "worker/steps/database/image_tools.h"
#include "worker/steps/database/same_database.h"
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

// Of several hosts the standbys are passed by, unless the URL says what it wants.
database::DatabaseUrl ToWrite(database::DatabaseUrl url) {
  if (url.hosts.size() > 1) url.options.emplace("target_session_attrs", "read-write");
  return url;
}

// One session with the server, and what it says of itself.
struct AskedServer {
  std::unique_ptr<database::Connection> session;
  database::DatabaseUrl reached;
  database::ServerInfo info;
};

// Refuses a pooler that hands sessions around.
absl::StatusOr<AskedServer> AskServer(const StepDatabase& database,
                                      const database::DatabaseUrl& resolved,
                                      const DatabaseAccess& access, const StepContext& context,
                                      v1::FailureCode code) {
  AskedServer asked;
  auto connection = database::Connect(resolved, {}, context.call, asked.reached);
  if (!connection.ok()) return database.FailureFor(connection.status());
  asked.session = *std::move(connection);
  const auto info = database::ReadServerInfo(*asked.session, context.call);
  if (!info.ok()) return database.FailureFor(info.status());
  asked.info = *info;
  // The host is chosen, and older programs of an image may not know the word.
  asked.reached.options.erase("target_session_attrs");
  if (!asked.info.pooler) return asked;
  const auto shares = SharesSessions(
      *asked.session, [&](const Call& call) { return database::Connect(asked.reached, {}, call); },
      context.call);
  if (!shares.ok()) return database.FailureFor(shares.status());
  if (*shares) return PoolerBetween(access, code);
  return asked;
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
  std::string server_name = ServerName(access, *resolved);
  if (code == v1::RESTORE_FAILED) resolved = ToWrite(*std::move(resolved));
  auto server = AskServer(*database, *resolved, access, context, code);
  if (!server.ok()) return server.status();
  const absl::Status same = CheckSameDatabase(access, context, engine, *server->session, code);
  if (!same.ok()) return same;
  auto tools = FindTools(server->reached, server->info, access, context, engine, places);
  if (!tools.ok()) return ArchiveStatus(tools.status(), code, access.name());
  std::string name = NameOnServer(server->reached);
  return ArchiveWay{.name = access.name(),
                    .url = std::move(server->reached),
                    .server = std::move(server->info),
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
  return ServerWay{
      .name = access.name(), .url = ToWrite(*std::move(resolved)), .database = std::move(name)};
}

}  // namespace davit::steps
