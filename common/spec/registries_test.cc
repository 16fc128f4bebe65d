#include <gmock/gmock.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/spec/load_for_test.h"

namespace davit::spec {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A file whose registries, in line 2 on, are the lines.
std::string WithRegistries(absl::string_view lines, absl::string_view build = "{}") {
  return absl::StrCat("registries:\n", lines,
                      "project: shop\nenvironments: {dev: {}, prod: {}}\n"
                      "apps: {web: {image: nginx, build: ",
                      build, "}}\n");
}

std::string WithServer(absl::string_view server) {
  return WithRegistries(
      absl::StrCat("  a: {server: '", server, "', username: me, password: {secret: TOKEN}}\n"));
}

TEST(Registries, AreTakenIntoEachEnvironment) {
  const LoadResult result = Load(
      WithRegistries("  hub: {server: docker.io, username: acme, password: {secret: HUB}}\n"
                     "  own: {server: 'r.io:5000', username: {secret: U}, password: {secret: P}}\n",
                     "{push: [own, hub]}"));
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result.specs.size(), 2u);
  for (const v1::EnvironmentSpec& spec : result.specs) {
    EXPECT_EQ(spec.registries().at("hub").server(), "docker.io");
    EXPECT_EQ(spec.registries().at("hub").username().value(), "acme");
    EXPECT_EQ(spec.registries().at("hub").password().secret(), "HUB");
    EXPECT_EQ(spec.registries().at("own").username().secret(), "U");
    EXPECT_THAT(ValidateEnvironment(spec), IsEmpty());
  }
}

TEST(Registries, AreNamedAsImagesNameThem) {
  for (const char* good : {"docker.io", "ghcr.io", "localhost", "localhost:5000", "r.io:443",
                           "[::1]:5000", "10.0.0.1"}) {
    EXPECT_THAT(ProblemsOf(WithServer(good)), IsEmpty()) << good;
  }
  const std::string host = "2:15 `server` must be the host alone, without ";
  const std::string hub = "2:15 `server` must be `docker.io` for Docker Hub";
  const std::string example = ": registry.example.com:5000";
  for (const auto& [server, problem] : std::vector<std::pair<std::string, std::string>>{
           {"https://r.io", absl::StrCat(host, "`https://`", example)},
           {"r.io/acme", absl::StrCat(host, "a path", example)},
           {"index.docker.io", hub},
           {"index.docker.io/v1/", hub},
           {"hub.docker.com", hub},
           {"registry",
            "2:15 `server` must have a dot or a port: in an image, a first part without is a path "
            "of Docker Hub"},
           {"r.io:port", "2:15 `server` must be a host, with or without a port" + example},
           {"r.io:", "2:15 `server` must be a host, with or without a port" + example},
           {"r io", "2:15 `server` must be a host, with or without a port" + example}}) {
    EXPECT_THAT(ProblemsOf(WithServer(server)), ElementsAre(problem)) << server;
  }
}

TEST(Registries, HaveOneLoginEach) {
  EXPECT_THAT(
      ProblemsOf(WithRegistries("  a: {server: r.io, username: a, password: {secret: A}}\n"
                                "  b: {server: R.io, username: b, password: {secret: B}}\n")),
      ElementsAre("3:15 the server `R.io` is that of `a` already: it has one login"));
}

TEST(Registries, NeedServerUserAndPassword) {
  EXPECT_THAT(ProblemsOf(WithRegistries("  a: {}\n")),
              ElementsAre("2:3 `password` is required", "2:3 `server` is required",
                          "2:3 `username` is required"));
  EXPECT_THAT(
      ProblemsOf(WithRegistries("  a: {server: r.io, username: '', password: {secret: A}}\n")),
      ElementsAre("2:31 `username` must be a text or {secret: NAME}"));
  EXPECT_THAT(
      ProblemsOf(WithRegistries("  B_: {server: r.io, username: a, password: {secret: A}}\n")),
      ElementsAre("2:3 the name `B_` in `registries` must be 1 to 40 lower-case letters, digits "
                  "and dashes, neither first nor last a dash"));
}

TEST(Registries, AreKnownToWhatIsPushed) {
  EXPECT_THAT(
      ProblemsOf(WithRegistries("  docr: {server: r.io, username: a, password: {secret: A}}\n",
                                "{push: [docer, docr, docr]}")),
      ElementsAre("5:43 no registry `docer` in `registries`; did you mean `docr`?",
                  "5:56 the registry `docr` is listed twice"));
}

// Whatever somebody writes where a secret's name belongs is shown neither in the message nor
// as the line that it stands in.
TEST(Passwords, AreNeverShown) {
  for (const char* registry :
       {"password: hunter2", "password: {value: hunter2}", "password: {secret: 'hunter2!'}",
        "token: hunter2", "password: {secret: A, plain: hunter2}"}) {
    const std::string text =
        WithRegistries(absl::StrCat("  a: {server: r.io, username: me, ", registry, "}\n"));
    const LoadResult result = Load(text);
    const std::string shown = FormatProblems("davit.yaml", text, result.problems);
    EXPECT_THAT(shown, AllOf(HasSubstr("davit.yaml:2:"), Not(HasSubstr("hunter2")))) << registry;
  }
}

TEST(Passwords, AreAskedForByName) {
  EXPECT_THAT(
      ProblemsOf(WithRegistries("  a: {server: r.io, username: me, password: hunter2}\n")),
      ElementsAre("2:45 `password` must be {secret: NAME}: a password is never in the file but set "
                  "with `davit secrets set NAME`"));
}

TEST(SecretVariables, ThatHoldTheSecretItselfAreNotShown) {
  const std::string text = WithApp("    image: a\n    env: {secret: {KEY: 'hunter2 !'}}\n");
  const std::string shown = FormatProblems("davit.yaml", text, Load(text).problems);
  EXPECT_EQ(shown,
            "davit.yaml:6:25: `secret` wants the name of a secret, letters, digits and '_', not "
            "beginning with a digit; its value is never in the file but set with `davit secrets "
            "set NAME`\n");
}

}  // namespace
}  // namespace davit::spec
