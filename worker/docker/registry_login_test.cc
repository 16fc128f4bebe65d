#include "worker/docker/registry_login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "tests/support/registry.h"
#include "tests/support/temp_dir.h"
#include "worker/docker/engine_errors.h"

namespace davit::docker {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class RegistryLogin : public ::testing::Test {
 protected:
  // A login with user `user`, whose password is secret TOKEN of dev, version 3.
  void Declare(const std::string& server, const std::string& user) {
    worker::v1::RegistryLogin& login = *sources_.logins.Add();
    login.set_server(server);
    login.set_username(user);
    *login.mutable_password() = Token();
  }
  static worker::v1::SecretUse Token() {
    worker::v1::SecretUse use;
    use.set_environment("dev");
    use.set_name("TOKEN");
    use.set_version(3);
    return use;
  }
  // "user:password@server"; "none".
  std::string Login(absl::string_view reference) const {
    const auto access = FindRegistryAccess(sources_, reference);
    if (!access.ok()) return std::string(access.status().message());
    if (!access->auth.has_value()) return "none";
    return absl::StrCat(access->auth->username, ":", access->auth->password, "@",
                        access->auth->server);
  }
  v1::Failure Refuse(absl::string_view reference, absl::string_view words) const {
    const auto access = FindRegistryAccess(sources_, reference);
    EXPECT_TRUE(access.ok()) << access.status();
    if (!access.ok()) return {};
    const absl::Status refused =
        EngineErrorStatus({Operation::kRegistry, std::string(reference)}, 0, words);
    return FailureOf(ExplainRefusal(refused, *access));
  }

  const test::TempDir directory_;
  LoginSources sources_{
      .logins = {}, .secrets = {{"dev/TOKEN@3", "s3cret-token"}}, .docker_config_path = ""};
};

TEST_F(RegistryLogin, IsTheProjectsBeforeTheHosts) {
  sources_.docker_config_path =
      directory_.Write("config.json", test::DockerLoginFile("boat:5000", "host", "hostword"));
  EXPECT_EQ(Login("boat:5000/web:v1"), "host:hostword@boat:5000");
  Declare("boat:5000", "ci");
  EXPECT_EQ(Login("boat:5000/web:v1"), "ci:s3cret-token@boat:5000");
  EXPECT_EQ(Login("boat:5001/web:v1"), "none");
  EXPECT_EQ(Login("nginx"), "none");
}

TEST_F(RegistryLogin, KnowsDockerHubByAllItsNames) {
  for (const char* name : {"docker.io", "index.docker.io", "https://index.docker.io/v1/"}) {
    sources_.logins.Clear();
    Declare(name, "ci");
    EXPECT_EQ(Login("acme/web:v1"), "ci:s3cret-token@https://index.docker.io/v1/") << name;
    EXPECT_EQ(Login("docker.io/acme/web:v1"), "ci:s3cret-token@https://index.docker.io/v1/");
    EXPECT_EQ(Login("ghcr.io/acme/web:v1"), "none");
  }
}

TEST_F(RegistryLogin, TakesTheUserFromASecret) {
  Declare("boat:5000", "");
  *sources_.logins[0].mutable_username_secret() = Token();
  EXPECT_EQ(Login("boat:5000/web"), "s3cret-token:s3cret-token@boat:5000");
}

TEST_F(RegistryLogin, NamesTheSecretWhoseValueIsMissing) {
  Declare("boat:5000", "ci");
  sources_.secrets.clear();
  const auto access = FindRegistryAccess(sources_, "boat:5000/web");
  EXPECT_TRUE(IsFailure(access.status(), v1::SECRET_MISSING)) << access.status();
  EXPECT_THAT(access.status().message(), HasSubstr("TOKEN"));
}

TEST_F(RegistryLogin, IsNamedWhenItIsRefusedButNeverItsValue) {
  Declare("boat:5000", "");
  *sources_.logins[0].mutable_username_secret() = Token();
  const v1::Failure failure = Refuse("boat:5000/web", "unauthorized: authentication required");
  EXPECT_EQ(failure.code(), v1::REGISTRY_DENIED);
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("secret TOKEN (version 3, of dev)")));
  EXPECT_THAT(failure.next_command(), HasSubstr("davit secrets set TOKEN -e dev"));
  EXPECT_THAT(failure.DebugString(), Not(HasSubstr("s3cret-token")));
}

TEST_F(RegistryLogin, OfTheHostIsNamedByItsFile) {
  sources_.docker_config_path =
      directory_.Write("config.json", test::DockerLoginFile("boat:5000", "host", "hostword"));
  const v1::Failure failure = Refuse("boat:5000/web", "unauthorized: authentication required");
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr(sources_.docker_config_path)));
  EXPECT_THAT(failure.next_command(), HasSubstr("docker login boat:5000"));
  EXPECT_THAT(failure.DebugString(), Not(HasSubstr("hostword")));
}

TEST_F(RegistryLogin, IsSaidToBeMissing) {
  const v1::Failure failure = Refuse("boat:5000/web", "no basic auth credentials");
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("login used: none")));
  EXPECT_THAT(failure.next_command(), HasSubstr("registries"));
}

TEST_F(RegistryLogin, IsNoRemedyForARateLimit) {
  Declare("docker.io", "ci");
  const v1::Failure failure = Refuse("acme/web", "toomanyrequests: You have reached your limit");
  EXPECT_THAT(failure.next_command(), HasSubstr("wait"));
}

}  // namespace
}  // namespace davit::docker
