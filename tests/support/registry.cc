#include "tests/support/registry.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "absl/time/time.h"
#include "tests/support/docker.h"
#include "tests/support/unique.h"
#include "worker/docker/http.h"
#include "worker/docker/json.h"

namespace davit::test {
namespace {

constexpr absl::Duration kStartTimeout = absl::Seconds(20);

constexpr absl::string_view kConfig = R"(version: 0.1
log: {level: info, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $0/data}, delete: {enabled: true}}
http: {addr: "$1"}
)";
constexpr absl::string_view kAuthConfig = "auth: {htpasswd: {realm: test, path: $0/htpasswd}}\n";

std::string AuthHeader(const Registry::Login& login, const std::string& address) {
  const docker::Json json = {
      {"username", login.username}, {"password", login.password}, {"serveraddress", address}};
  return absl::StrReplaceAll(absl::Base64Escape(json.dump()), {{"+", "-"}, {"/", "_"}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<Registry>> Registry::Start(const Login& login) {
  std::unique_ptr<Registry> registry(new Registry(login));
  if (absl::Status status = registry->Launch(); !status.ok()) return status;
  return registry;
}

absl::Status Registry::Launch() {
  port_ = FreePort();
  address_ = absl::StrCat("127.0.0.1:", port_);
  std::string config = absl::Substitute(kConfig, directory_.path(), address_);
  if (!login_.username.empty()) {
    absl::StatusOr<std::string> htpasswd =
        RunProgram({"htpasswd", "-Bbn", login_.username, login_.password});
    if (!htpasswd.ok()) return htpasswd.status();
    directory_.Write("htpasswd", *htpasswd);
    absl::StrAppend(&config, absl::Substitute(kAuthConfig, directory_.path()));
  }
  absl::StatusOr<std::unique_ptr<Process>> process = Process::Start(
      {"docker-registry", "serve", directory_.Write("config.yml", config)}, directory_.File("log"));
  if (!process.ok()) return process.status();
  process_ = *std::move(process);
  return process_->AwaitOutput(absl::StrCat("listening on ", address_), kStartTimeout);
}

absl::StatusOr<std::string> Registry::Push(absl::string_view image, absl::string_view name) {
  const size_t colon = name.rfind(':');
  const std::string repository = absl::StrCat(address_, "/", name.substr(0, colon));
  const std::string tag(name.substr(colon + 1));
  const ScopedImage pushed(absl::StrCat(repository, ":", tag));
  if (absl::Status status = TestEngine().TagImage(image, repository, tag, TestCall());
      !status.ok()) {
    return status;
  }
  docker::HttpClient http(DockerSocket());
  const std::string path =
      absl::StrCat("/images/", docker::UrlEscape(repository, true), "/push?tag=", tag);
  const absl::StatusOr<docker::HttpResponse> response =
      http.Send({"POST", path, "", AuthHeader(login_, address_)}, TestCall());
  if (!response.ok()) return response.status();
  if (!response->ok() || absl::StrContains(response->body, "\"error\"")) {
    return absl::InternalError(absl::StrCat("the push failed: ", response->body));
  }
  return pushed.reference();
}

std::string DockerLoginFile(absl::string_view registry, absl::string_view username,
                            absl::string_view password) {
  const std::string auth = absl::Base64Escape(absl::StrCat(username, ":", password));
  const docker::Json json = {{"auths", {{std::string(registry), {{"auth", auth}}}}}};
  return json.dump(2);
}

}  // namespace davit::test
