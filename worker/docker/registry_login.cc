#include "worker/docker/registry_login.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/failure/failure.h"
#include "common/secret/secret_key.h"
#include "worker/docker/engine_errors.h"

namespace davit::docker {
namespace {

using worker::v1::RegistryLogin;
using worker::v1::SecretUse;

constexpr absl::string_view kHubServer = "https://index.docker.io/v1/";

std::string DescribeSecret(const SecretUse& use) {
  return absl::StrCat("secret ", use.name(), " (version ", use.version(), ", of ",
                      use.environment().empty() ? "the project" : use.environment(), ")");
}

std::string CommandToSet(const SecretUse& use) {
  const std::string where =
      use.environment().empty() ? "" : absl::StrCat(" -e ", use.environment());
  return absl::StrCat("`davit secrets set ", use.name(), where, "`");
}

absl::StatusOr<std::string> ValueOf(const SecretUse& use, const LoginSources& sources) {
  const auto value = sources.secrets.find(SecretKey(use));
  if (value != sources.secrets.end()) return value->second;
  v1::Failure failure = MakeFailure(
      v1::SECRET_MISSING, absl::StrCat("The value of ", DescribeSecret(use), " did not come along"),
      {"a login of `registries` needs it"});
  failure.set_next_command(CommandToSet(use));
  return FailureStatus(failure);
}

absl::StatusOr<RegistryAccess> AccessBy(const RegistryLogin& login, const std::string& registry,
                                        const LoginSources& sources) {
  RegistryAuth auth{login.username(), "", ServerAddress(registry)};
  std::string user = absl::StrCat("user ", login.username());
  if (login.has_username_secret()) {
    auto value = ValueOf(login.username_secret(), sources);
    if (!value.ok()) return value.status();
    auth.username = *std::move(value);
    user = absl::StrCat("user of ", DescribeSecret(login.username_secret()));
  }
  auto password = ValueOf(login.password(), sources);
  if (!password.ok()) return password.status();
  auth.password = *std::move(password);
  return RegistryAccess{
      std::move(auth),
      absl::StrCat("login used: `registries` of davit.yaml for ", login.server(), ", ", user,
                   ", password of ", DescribeSecret(login.password())),
      absl::StrCat("set the right one with ", CommandToSet(login.password()))};
}

absl::StatusOr<RegistryAccess> AccessByFile(const LoginSources& sources,
                                            const std::string& registry,
                                            absl::string_view reference) {
  const std::string& path = sources.docker_config_path;
  const std::string nobody = absl::StrCat("log in on the host with `docker login ", registry,
                                          "`, or list it under `registries`");
  if (path.empty()) return RegistryAccess{std::nullopt, "login used: none", nobody};
  auto auth = FindRegistryAuth(path, reference);
  if (!auth.ok()) return auth.status();
  if (!auth->has_value()) {
    return RegistryAccess{
        std::nullopt,
        absl::StrCat("login used: none; ", registry, " is neither in `registries` nor in ", path),
        nobody};
  }
  std::string origin =
      absl::StrCat("login used: Docker's login file ", path, ", user ", (*auth)->username);
  return RegistryAccess{*std::move(auth), std::move(origin),
                        absl::StrCat("log in again on the host: `docker login ", registry, "`")};
}

}  // namespace

absl::StatusOr<RegistryAccess> FindRegistryAccess(const LoginSources& sources,
                                                  absl::string_view reference) {
  const std::string registry = RegistryOf(reference);
  for (const RegistryLogin& login : sources.logins) {
    if (RegistryOfServer(login.server()) == registry) return AccessBy(login, registry, sources);
  }
  return AccessByFile(sources, registry, reference);
}

absl::Status ExplainRefusal(const absl::Status& status, const RegistryAccess& access) {
  if (!IsFailure(status, v1::REGISTRY_DENIED)) return status;
  v1::Failure failure = FailureOf(status);
  failure.add_evidence(access.origin);
  // A rate limit that is used up has another remedy.
  if (absl::StartsWith(failure.next_command(), "run `docker login")) {
    failure.set_next_command(access.mend);
    if (access.auth.has_value()) {
      failure.set_likely_cause("the login is wrong, has expired, or has no right to this image");
    }
  }
  return FailureStatus(failure);
}

std::string RegistryOfServer(absl::string_view server) {
  if (!absl::ConsumePrefix(&server, "https://")) absl::ConsumePrefix(&server, "http://");
  const absl::string_view host = server.substr(0, server.find('/'));
  if (host == "index.docker.io" || host == "registry-1.docker.io") return "docker.io";
  return std::string(host);
}

std::string ServerAddress(absl::string_view registry) {
  return std::string(registry == "docker.io" ? kHubServer : registry);
}

}  // namespace davit::docker
