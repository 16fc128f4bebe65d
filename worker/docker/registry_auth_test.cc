#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "tests/support/temp_dir.h"
#include "worker/docker/engine.h"

namespace davit::docker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RegistryAuthTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::optional<RegistryAuth>> Find(absl::string_view config,
                                                   absl::string_view reference) {
    return FindRegistryAuth(directory_.Write("config.json", config), reference);
  }

  // "user:password@server", or why there is none.
  std::string Login(absl::string_view config, absl::string_view reference) {
    const auto auth = Find(config, reference);
    if (!auth.ok()) return std::string(auth.status().message());
    if (!auth->has_value()) return "none";
    return absl::StrCat((*auth)->username, ":", (*auth)->password, "@", (*auth)->server);
  }

  const test::TempDir directory_;
};

TEST_F(RegistryAuthTest, FindsTheLoginOfTheReferencesRegistry) {
  // joe:s:cret and ann:other.
  constexpr absl::string_view kConfig = R"({"auths": {
      "ghcr.io": {"auth": "am9lOnM6Y3JldA=="},
      "boat:5000": {"auth": "YW5uOm90aGVy"}}})";
  EXPECT_EQ(Login(kConfig, "ghcr.io/acme/web:v1"), "joe:s:cret@ghcr.io");
  EXPECT_EQ(Login(kConfig, "boat:5000/web"), "ann:other@boat:5000");
  EXPECT_EQ(Login(kConfig, "boat/web"), "none");
  EXPECT_EQ(Login(kConfig, "boat:5001/web"), "none");
  EXPECT_EQ(Login(kConfig, "nginx"), "none");
}

TEST_F(RegistryAuthTest, KnowsTheManyNamesOfDockerHub) {
  for (const char* key : {"https://index.docker.io/v1/", "docker.io", "index.docker.io",
                          "https://registry-1.docker.io/v2/"}) {
    const std::string config =
        absl::StrCat(R"({"auths": {")", key, R"(": {"auth": "YW5uOm90aGVy"}}})");
    for (const char* reference : {"nginx", "acme/web:v1", "docker.io/acme/web"}) {
      EXPECT_EQ(Login(config, reference), "ann:other@https://index.docker.io/v1/") << key;
    }
    EXPECT_EQ(Login(config, "ghcr.io/acme/web"), "none");
  }
}

TEST_F(RegistryAuthTest, TakesKeysThatAreUrls) {
  for (const char* key : {"https://ghcr.io", "http://ghcr.io/", "https://ghcr.io/v2/"}) {
    EXPECT_EQ(Login(absl::StrCat(R"({"auths": {")", key, R"(": {"auth": "YW5uOm90aGVy"}}})"),
                    "ghcr.io/acme/web"),
              "ann:other@ghcr.io");
  }
}

TEST_F(RegistryAuthTest, TakesAPlainUserAndPassword) {
  EXPECT_EQ(Login(R"({"auths": {"ghcr.io": {"username": "joe", "password": "x"}}})", "ghcr.io/a"),
            "joe:x@ghcr.io");
}

TEST_F(RegistryAuthTest, HasNoneWithoutAFile) {
  const auto auth = FindRegistryAuth(directory_.File("absent.json"), "ghcr.io/acme/web");
  ASSERT_TRUE(auth.ok()) << auth.status();
  EXPECT_FALSE(auth->has_value());
}

TEST_F(RegistryAuthTest, HasNoneInAFileWithoutLogins) {
  EXPECT_EQ(Login("{}", "ghcr.io/a"), "none");
  EXPECT_EQ(Login(R"({"auths": null, "credHelpers": 3})", "ghcr.io/a"), "none");
}

TEST_F(RegistryAuthTest, RefusesAHelperOnlyForTheRegistriesThatNeedIt) {
  constexpr absl::string_view kConfig = R"({
      "credsStore": "desktop",
      "credHelpers": {"gcr.io": "gcloud"},
      "auths": {"ghcr.io": {}, "boat:5000": {"auth": "YW5uOm90aGVy"}}})";
  EXPECT_THAT(Login(kConfig, "ghcr.io/a"), HasSubstr("credential helper desktop"));
  EXPECT_THAT(Login(kConfig, "gcr.io/a"), HasSubstr("credential helper gcloud"));
  EXPECT_EQ(Login(kConfig, "boat:5000/a"), "ann:other@boat:5000");
  EXPECT_EQ(Login(kConfig, "nginx"), "none");
}

TEST_F(RegistryAuthTest, RefusesAnIdentityToken) {
  EXPECT_THAT(Login(R"({"auths": {"a.io": {"identitytoken": "x"}}})", "a.io/b"),
              HasSubstr("identity token"));
}

TEST_F(RegistryAuthTest, RefusesWhatIsNotJsonWithoutShowingIt) {
  const auto auth = Find(R"({"auths": {"ghcr.io": {"auth": "c2VjcmV0)", "ghcr.io/a");
  EXPECT_TRUE(IsFailure(auth.status(), v1::REGISTRY_DENIED));
  EXPECT_THAT(FailureOf(auth.status()).DebugString(), Not(HasSubstr("c2VjcmV0")));
}

TEST_F(RegistryAuthTest, SaysThatTheFileCannotBeRead) {
  // A directory in place of the file: root can read any file.
  const auto auth = FindRegistryAuth(directory_.path(), "ghcr.io/a");
  EXPECT_TRUE(IsFailure(auth.status(), v1::REGISTRY_DENIED)) << auth.status();
}

}  // namespace
}  // namespace davit::docker
