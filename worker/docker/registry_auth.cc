#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "worker/docker/engine.h"
#include "worker/docker/engine_errors.h"
#include "worker/docker/json.h"
#include "worker/docker/registry_login.h"

namespace davit::docker {
namespace {

absl::Status LoginError(absl::string_view config_path, absl::string_view what,
                        absl::string_view next_command) {
  v1::Failure failure =
      MakeFailure(v1::REGISTRY_DENIED, what, {absl::StrCat("Docker's login file: ", config_path)});
  failure.set_likely_cause("");
  failure.set_next_command(std::string(next_command));
  return FailureStatus(failure);
}

// nullopt when there is no such file.
absl::StatusOr<std::optional<std::string>> ReadConfig(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    if (errno == ENOENT) return std::nullopt;
    const std::string why = std::strerror(errno);
    return LoginError(path, absl::StrCat("Docker's login file cannot be read: ", why),
                      absl::StrCat("check its owner and mode: `ls -l ", path, "`"));
  }
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The key itself is better than one that only means the same.
const Json& FindByRegistry(const Json& entries, const std::string& registry) {
  if (const Json& exact = At(entries, registry); !exact.is_null()) return exact;
  if (entries.is_object()) {
    for (const auto& [key, entry] : entries.items()) {
      if (RegistryOfServer(key) == registry) return entry;
    }
  }
  return At(Json(), "");
}

std::optional<RegistryAuth> Credentials(const Json& entry, const std::string& registry) {
  RegistryAuth auth{StringAt(entry, "username"), StringAt(entry, "password"),
                    ServerAddress(registry)};
  std::string decoded;
  if (absl::Base64Unescape(StringAt(entry, "auth"), &decoded)) {
    const size_t colon = decoded.find(':');
    if (colon != decoded.npos) {
      auth.username = decoded.substr(0, colon);
      // Some clients pad the password with zero bytes.
      auth.password = decoded.substr(colon + 1);
      auth.password.erase(auth.password.find_last_not_of('\0') + 1);
    }
  }
  if (auth.username.empty()) return std::nullopt;
  return auth;
}

// The helper that keeps the login; empty: none does. One for all registries is
// asked only about those that `docker login` has left a mark of.
std::string HelperFor(const Json& config, const Json& entry, const std::string& registry) {
  const Json& helper = FindByRegistry(At(config, "credHelpers"), registry);
  if (helper.is_string()) return helper.get<std::string>();
  return entry.is_null() ? "" : StringAt(config, "credsStore");
}

}  // namespace

absl::StatusOr<std::optional<RegistryAuth>> FindRegistryAuth(absl::string_view config_path,
                                                             absl::string_view reference) {
  const absl::StatusOr<std::optional<std::string>> text = ReadConfig(std::string(config_path));
  if (!text.ok()) return text.status();
  if (!text->has_value()) return std::nullopt;
  const Json config = Json::parse(**text, nullptr, /*allow_exceptions=*/false);
  if (!config.is_object()) {
    return LoginError(config_path, "Docker's login file is not JSON",
                      "remove it and run `docker login` again");
  }
  const std::string registry = RegistryOf(reference);
  const Json& entry = FindByRegistry(At(config, "auths"), registry);
  if (std::optional<RegistryAuth> auth = Credentials(entry, registry)) return auth;
  if (const std::string helper = HelperFor(config, entry, registry); !helper.empty()) {
    return LoginError(
        config_path,
        absl::StrCat("The login for ", registry, " is kept by the credential helper ", helper,
                     ", and helpers are not supported"),
        absl::StrCat("remove the helper from the file, then run `docker login ", registry, "`"));
  }
  if (entry.is_object() && entry.contains("identitytoken")) {
    return LoginError(
        config_path,
        absl::StrCat("The login for ", registry, " is an identity token, which is not supported"),
        absl::StrCat("log in with a password or an access token: `docker login ", registry, "`"));
  }
  return std::nullopt;
}

}  // namespace davit::docker
