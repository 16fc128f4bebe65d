#include "worker/docker/auth_header.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "worker/docker/json.h"

namespace davit::docker {
namespace {

std::string PaddedForUrls(const Json& json) {
  return absl::StrReplaceAll(absl::Base64Escape(DumpJson(json)), {{"+", "-"}, {"/", "_"}});
}

}  // namespace

std::string AuthHeader(const std::optional<RegistryAuth>& auth) {
  if (!auth.has_value()) return "";
  return PaddedForUrls({{"username", auth->username},
                        {"password", auth->password},
                        {"serveraddress", auth->server}});
}

std::string ConfigHeader(const std::vector<RegistryAuth>& logins) {
  if (logins.empty()) return "";
  Json json = Json::object();
  for (const RegistryAuth& login : logins) {
    json[login.server] = {{"username", login.username}, {"password", login.password}};
  }
  return PaddedForUrls(json);
}

}  // namespace davit::docker
