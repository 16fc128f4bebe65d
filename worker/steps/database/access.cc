#include "worker/steps/database/access.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/failure/failure.h"
#include "common/secret/secret_key.h"
#include "worker/database/connection/connect_reason.h"
#include "worker/database/connection/engine_names.h"
#include "worker/steps/text/clean_text.h"

namespace davit::steps {
namespace {

using database::ConnectProblem;
using database::ConnectReason;
using worker::v1::DatabaseAccess;
using worker::v1::SecretUse;

const SecretUse& UseOf(const DatabaseAccess& access, WayIn way) {
  return way == WayIn::kAdmin && access.has_admin_url() ? access.admin_url() : access.url();
}

std::string SetCommand(const SecretUse& use) {
  return absl::StrCat("davit secrets set ", use.name(),
                      use.environment().empty() ? "" : absl::StrCat(" -e ", use.environment()));
}

absl::Status UrlMissing(const std::string& name, const SecretUse& use) {
  return FailureStatus(v1::INTERNAL,
                       absl::StrCat("the URL of database ", name, " did not come with the step"),
                       {absl::StrCat("secret: ", use.name(), ", version ", use.version())});
}

absl::Status UrlInvalid(const std::string& name, const SecretUse& use, const absl::Status& why) {
  v1::Failure failure =
      MakeFailure(v1::DATABASE_URL_INVALID, absl::StrCat("database ", name, ": ", why.message()),
                  {absl::StrCat("secret: ", use.name(), ", version ", use.version())});
  failure.set_likely_cause(absl::IsUnimplemented(why)
                               ? "the database is of another engine than PostgreSQL"
                               : "the secret has something else in it");
  failure.set_next_command(SetCommand(use));
  return FailureStatus(failure);
}

// NAME:ADDRESS; an IPv6 address has colons of its own.
void AddExtraHost(const std::string& line, database::AppNetwork& network) {
  const size_t colon = line.find(':');
  if (colon == line.npos) return;
  std::string address = line.substr(colon + 1);
  if (absl::StartsWith(address, "[") && absl::EndsWith(address, "]")) {
    address = address.substr(1, address.size() - 2);
  }
  network.extra_hosts[line.substr(0, colon)] = std::move(address);
}

void AddNetwork(const std::string& name, database::AppNetwork& network) {
  if (name == "host") network.host_network = true;
  // On the default bridge containers have no names.
  if (name == "host" || name == "none" || name == "bridge" || name == "default") return;
  network.networks.push_back(name);
}

bool IsVolume(const worker::v1::Mount& mount) { return !absl::StartsWith(mount.source(), "/"); }

// A socket or a certificate may lie in a volume.
bool NamesFiles(const database::DatabaseUrl& url) {
  for (const database::DatabaseHost& host : url.hosts) {
    if (host.IsSocket()) return true;
  }
  return url.options.contains("sslrootcert") || url.options.contains("sslcert");
}

// The engine's, or one that was made of another error here.
bool IsFailureAlready(const absl::Status& error) {
  for (const v1::FailureCode code : {v1::DOCKER_UNREACHABLE, v1::DOCKER_ERROR, v1::DATABASE_DENIED,
                                     v1::DATABASE_UNREACHABLE, v1::DATABASE_URL_INVALID}) {
    if (IsFailure(error, code)) return true;
  }
  return false;
}

bool IsDenied(ConnectReason reason) {
  return reason == ConnectReason::kAuthentication || reason == ConnectReason::kNotAllowed ||
         reason == ConnectReason::kNoSuchDatabase || reason == ConnectReason::kSwitchedOff ||
         reason == ConnectReason::kStandby || reason == ConnectReason::kReadOnly;
}

}  // namespace

absl::StatusOr<StepDatabase> StepDatabase::Of(const DatabaseAccess& access, WayIn way,
                                              const StepContext& context, docker::Engine& engine) {
  const SecretUse& use = UseOf(access, way);
  const auto value = context.secrets.find(SecretKey(use));
  if (value == context.secrets.end()) return UrlMissing(access.name(), use);
  auto url = database::ParseDatabaseUrl(value->second);
  if (!url.ok()) return UrlInvalid(access.name(), use, url.status());
  StepDatabase database;
  database.access_ = access;
  database.secret_ = use.name();
  database.set_it_ = SetCommand(use);
  database.engine_ = &engine;
  database.url_ = *std::move(url);
  return database;
}

absl::StatusOr<database::AppNetwork> StepDatabase::Network(const Call& call) const {
  database::AppNetwork network;
  for (const std::string& name : access_.networks()) AddNetwork(name, network);
  for (const std::string& line : access_.extra_hosts()) AddExtraHost(line, network);
  std::string data_root;
  for (const worker::v1::Mount& mount : access_.mounts()) {
    if (!IsVolume(mount)) {
      network.directories[mount.target()] = mount.source();
    } else if (NamesFiles(url_)) {
      const auto info = data_root.empty() ? engine_->RecentInfo(call) : docker::EngineInfo();
      if (!info.ok()) return info.status();
      if (data_root.empty()) data_root = info->data_root;
      network.directories[mount.target()] =
          absl::StrCat(data_root, "/volumes/", mount.source(), "/_data");
    }
  }
  return network;
}

absl::StatusOr<database::DatabaseUrl> StepDatabase::Resolve(const Call& call) const {
  const auto network = Network(call);
  if (!network.ok()) return network.status();
  database::EngineNames names(engine_->socket_path());
  return database::ResolveAsApp(url_, *network, names, call);
}

absl::StatusOr<std::unique_ptr<database::Connection>> StepDatabase::Connect(
    const database::ConnectOptions& options, const Call& call) const {
  const auto resolved = Resolve(call);
  if (!resolved.ok()) return resolved.status();
  return database::Connect(*resolved, options, call);
}

absl::StatusOr<std::unique_ptr<database::Connection>> StepDatabase::Open(
    const database::ConnectOptions& options, const Call& call) const {
  auto connection = Connect(options, call);
  if (!connection.ok()) return FailureFor(connection.status());
  return connection;
}

absl::Status StepDatabase::FailureFor(const absl::Status& error) const {
  if (absl::IsCancelled(error) || absl::IsDeadlineExceeded(error)) return error;
  if (IsFailureAlready(error)) return error;
  const ConnectProblem problem = database::Explain(error, url_);
  const bool denied = IsDenied(problem.reason);
  v1::Failure failure = MakeFailure(
      denied ? v1::DATABASE_DENIED : v1::DATABASE_UNREACHABLE,
      absl::StrCat("database ", name(), ": ", problem.sentence),
      {problem.evidence,
       absl::StrCat("URL: ", url_.Redacted(), " (secret ", secret_, ", without its password)")});
  failure.set_likely_cause(problem.likely_cause);
  failure.set_next_command(absl::StrReplaceAll(
      problem.what_to_do, {{"set the secret that has the URL anew",
                            absl::StrCat("set the secret anew with `", set_it_, "`")}}));
  if (problem.reason == ConnectReason::kTls) failure.set_retryable(false);
  return FailureStatus(failure);
}

}  // namespace davit::steps
