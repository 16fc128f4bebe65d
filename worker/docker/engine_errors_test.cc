#include "worker/docker/engine_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "worker/docker/engine_error_rules.h"

namespace davit::docker {
namespace {

using ::testing::HasSubstr;

constexpr Operation kRegistry = Operation::kRegistry;
constexpr Operation kImage = Operation::kImage;
constexpr Operation kCreate = Operation::kCreate;
constexpr Operation kStart = Operation::kStart;
constexpr Operation kContainer = Operation::kContainer;

struct Example {
  Operation operation;
  std::string subject;
  int http_status;
  std::string message;
  v1::FailureCode code;
};

const std::string kOci =
    "failed to create shim task: OCI runtime create failed: runc create failed: unable to start "
    "container process: ";

// The engine's own words, as an engine 20.10.24 gave them; those marked
// "source" are from its source and a registry's, for what cannot be provoked
// without the network.
const Example kExamples[] = {
    {kRegistry, "127.0.0.1:25001/a/b:nope", 404, "manifest unknown: manifest unknown",
     v1::IMAGE_NOT_FOUND},
    {kRegistry, "127.0.0.1:25001/a/b:nope", 404,
     "manifest for 127.0.0.1:25001/a/b:nope not found: manifest unknown: manifest unknown",
     v1::IMAGE_NOT_FOUND},
    {kRegistry, "127.0.0.1:25001/A/b:v1", 400,
     "invalid reference format: repository name must be lowercase", v1::IMAGE_NOT_FOUND},
    {kRegistry, "127.0.0.1:25002/a/b:v1", 500,
     "Head \"http://127.0.0.1:25002/v2/a/b/manifests/v1\": no basic auth credentials",
     v1::REGISTRY_DENIED},
    {kRegistry, "127.0.0.1:25002/a/b:v1", 401, "unauthorized: authentication required",
     v1::REGISTRY_DENIED},
    {kRegistry, "127.0.0.1:25002/a/b:v1", 500, "unauthorized: authentication required",
     v1::REGISTRY_DENIED},
    // source
    {kRegistry, "acme/web:v1", 404,
     "pull access denied for acme/web, repository does not exist or may require 'docker login': "
     "denied: requested access to the resource is denied",
     v1::IMAGE_NOT_FOUND},
    // source
    {kRegistry, "ghcr.io/acme/web:v1", 404,
     "pull access denied for ghcr.io/acme/web, repository does not exist or may require 'docker "
     "login': denied",
     v1::REGISTRY_DENIED},
    // source
    {kRegistry, "ghcr.io/acme/web:v1", 500,
     "Head \"https://ghcr.io/v2/acme/web/manifests/v1\": denied: denied", v1::REGISTRY_DENIED},
    // source
    {kRegistry, "acme/web:v1", 500,
     "Get \"https://registry-1.docker.io/v2/acme/web/manifests/v1\": unauthorized: incorrect "
     "username or password",
     v1::REGISTRY_DENIED},
    // source
    {kRegistry, "acme/web:v1", 500,
     "toomanyrequests: You have reached your pull rate limit. You may increase the limit by "
     "authenticating and upgrading: https://www.docker.com/increase-rate-limit",
     v1::REGISTRY_DENIED},
    // source
    {kRegistry, "acme/web:v1", 404,
     "no matching manifest for linux/amd64 in the manifest list entries", v1::IMAGE_WRONG_PLATFORM},
    {kRegistry, "127.0.0.1:25003/a/b:v1", 500,
     "Get \"http://127.0.0.1:25003/v2/\": dial tcp 127.0.0.1:25003: connect: connection refused",
     v1::REGISTRY_UNREACHABLE},
    {kRegistry, "nosuchhost.invalid/a/b:v1", 500,
     "Get \"https://nosuchhost.invalid/v2/\": dial tcp: lookup nosuchhost.invalid on "
     "192.0.2.53:53: no such host",
     v1::REGISTRY_UNREACHABLE},
    {kRegistry, "10.254.254.254/a/b:v1", 500,
     "Get \"https://10.254.254.254/v2/\": x509: cannot validate certificate for 10.254.254.254 "
     "because it doesn't contain any IP SANs",
     v1::REGISTRY_UNREACHABLE},
    {kRegistry, "192.0.2.2:25005/a/b:v1", 500,
     "Get \"https://192.0.2.2:25005/v2/\": http: server gave HTTP response to HTTPS client",
     v1::REGISTRY_UNREACHABLE},
    // source
    {kRegistry, "10.1.2.3:5000/a:v1", 500,
     "Get \"https://10.1.2.3:5000/v2/\": dial tcp 10.1.2.3:5000: i/o timeout",
     v1::REGISTRY_UNREACHABLE},
    // source
    {kRegistry, "10.1.2.3:5000/a:v1", 500,
     "Get \"https://10.1.2.3:5000/v2/\": net/http: TLS handshake timeout",
     v1::REGISTRY_UNREACHABLE},
    {kRegistry, "acme/web:v1", 0,
     "failed to register layer: Error processing tar file(exit status 1): write /big: no space "
     "left on device",
     v1::DISK_FULL},
    {kImage, "nosuch:v1", 404, "no such image: nosuch:v1: No such image: nosuch:v1",
     v1::IMAGE_NOT_FOUND},
    {kImage, "dkprov:v1", 409,
     "conflict: unable to remove repository reference \"dkprov:v1\" (must force) - container "
     "bcd641a60068 is using its referenced image 1e5034f0dab0",
     v1::DOCKER_ERROR},
    {kCreate, "web", 404, "No such image: nosuch:v9", v1::IMAGE_NOT_FOUND},
    {kCreate, "web", 404,
     "image with reference dkprov:v1 was found but does not match the specified platform: wanted "
     "linux/arm64, actual: linux/amd64",
     v1::IMAGE_WRONG_PLATFORM},
    {kCreate, "web", 400, "No command specified", v1::COMMAND_NOT_FOUND},
    {kCreate, "web", 400,
     "invalid mount config for type \"bind\": bind source path does not exist: /nosuch/dir2",
     v1::VOLUME_UNUSABLE},
    {kCreate, "web", 400, "Minimum memory limit allowed is 6MB", v1::CONTAINER_REFUSED},
    {kCreate, "web", 400, "invalid CapAdd: unknown capability: \"CAP_BOGUS\"",
     v1::CONTAINER_REFUSED},
    {kCreate, "web", 400, "error looking up logging plugin bogus: plugin \"bogus\" not found",
     v1::CONTAINER_REFUSED},
    {kStart, "web", 400, kOci + "exec: \"/nope\": stat /nope: no such file or directory: unknown",
     v1::COMMAND_NOT_FOUND},
    {kStart, "web", 400, kOci + "exec: \"nope\": executable file not found in $PATH: unknown",
     v1::COMMAND_NOT_FOUND},
    {kStart, "web", 400, kOci + "exec: \"/bin/noexec\": permission denied: unknown",
     v1::COMMAND_NOT_FOUND},
    // source
    {kStart, "web", 400, kOci + "exec: \"/bin/app\": exec format error: unknown",
     v1::IMAGE_WRONG_PLATFORM},
    {kStart, "web", 400,
     kOci + "error during container init: error mounting \"/a\" to rootfs at \"/b\": mount /a:/b "
            "(via /proc/self/fd/6), flags: 0x5000: not a directory: unknown",
     v1::VOLUME_UNUSABLE},
    {kStart, "web", 500, "unable to find user nobodyhere: no matching entries in passwd file",
     v1::CONTAINER_REFUSED},
    {kStart, "web", 404, "network nonet not found", v1::CONTAINER_REFUSED},
    {kStart, "web", 500,
     "driver failed programming external connectivity on endpoint web (c3b0): Error starting "
     "userland proxy: listen tcp4 10.99.99.99:28125: bind: cannot assign requested address",
     v1::CONTAINER_REFUSED},
    {kStart, "web", 404, "No such container: web", v1::CONTAINER_GONE},
    {kContainer, "web", 409,
     "Container 932be212708dc40f5887f47b002e0a42c1a37757d3303e61016eb29a93f142ab is not running",
     v1::DOCKER_ERROR},
    {kContainer, "web", 400,
     "Error when allocating new name: Invalid container name (/bad name), only "
     "[a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
     v1::CONTAINER_REFUSED},
    {Operation::kOther, "network bridge", 403,
     "operation is not permitted on predefined bridge network ", v1::DOCKER_ERROR},
};

TEST(EngineErrors, BecomeTheFailureThatTheyMean) {
  for (const Example& example : kExamples) {
    const absl::Status status = EngineErrorStatus({example.operation, example.subject},
                                                  example.http_status, example.message);
    EXPECT_EQ(v1::FailureCode_Name(FailureOf(status).code()), v1::FailureCode_Name(example.code))
        << example.message;
    EXPECT_THAT(absl::StrJoin(FailureOf(status).evidence(), "\n"), HasSubstr("Docker: "));
  }
}

TEST(EngineErrors, HaveRulesThatCanBeReached) {
  const absl::Span<const ErrorRule> rules = ErrorRules();
  for (size_t later = 0; later < rules.size(); ++later) {
    EXPECT_FALSE(rules[later].message.empty()) << rules[later].pattern;
    for (size_t earlier = 0; earlier < later; ++earlier) {
      const ErrorRule& a = rules[earlier];
      const ErrorRule& b = rules[later];
      const bool hides = absl::StrContains(b.pattern, a.pattern) && a.and_pattern.empty() &&
                         a.registry.empty() && a.http_status == 0 &&
                         (b.operations & ~a.operations) == 0;
      EXPECT_FALSE(hides) << a.pattern << " hides " << b.pattern;
    }
  }
}

v1::Failure PortFailure(absl::string_view message) {
  return FailureOf(EngineErrorStatus({Operation::kStart, "web"}, 500, message));
}

TEST(EngineErrors, NameThePortThatIsTaken) {
  for (const char* words :
       {"Bind for 0.0.0.0:8080 failed: port is already allocated",
        "Bind for :::8080 failed: port is already allocated",
        "Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: address already in use",
        "Error starting userland proxy: listen tcp6 [::]:8080: bind: address already in use",
        "Error starting userland proxy: listen udp4 0.0.0.0:8080: bind: address already in use"}) {
    const v1::Failure failure = PortFailure(absl::StrCat(
        "driver failed programming external connectivity on endpoint web (2a6d): ", words));
    EXPECT_EQ(failure.code(), v1::PORT_IN_USE);
    EXPECT_EQ(failure.evidence(0), "port 8080") << words;
    EXPECT_THAT(failure.message(), HasSubstr("8080"));
    EXPECT_THAT(failure.next_command(), HasSubstr("8080"));
  }
}

// Docker Hub has its images at another name than its logins.
TEST(EngineErrors, NameTheHostThatWasNotFound) {
  for (const char* words :
       {"Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io on "
        "127.0.0.53:53: no such host",
        "Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such "
        "host"}) {
    const v1::Failure failure =
        FailureOf(EngineErrorStatus({Operation::kRegistry, "nginx:1.27"}, 500, words));
    EXPECT_EQ(failure.code(), v1::REGISTRY_UNREACHABLE);
    EXPECT_EQ(failure.next_command(), "check the name: `getent hosts registry-1.docker.io`");
    EXPECT_THAT(failure.likely_cause(), HasSubstr("registry-1.docker.io"));
  }
  EXPECT_THAT(
      FailureOf(EngineErrorStatus({Operation::kRegistry, "boat:5000/web"}, 500, "no such host"))
          .next_command(),
      HasSubstr("boat:5000"));
}

TEST(EngineErrors, SayThatAFileIsMountedOnADirectory) {
  const v1::Failure failure = FailureOf(EngineErrorStatus(
      {Operation::kStart, "web"}, 400,
      kOci + "error during container init: error mounting \"/var/lib/davit/f\" to rootfs at "
             "\"/app\": mount /var/lib/davit/f:/app (via /proc/self/fd/6), flags: 0x5000: not a "
             "directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)? "
             "Check if the specified host path exists and is the expected type"));
  EXPECT_EQ(failure.code(), v1::VOLUME_UNUSABLE);
  EXPECT_THAT(failure.message(), HasSubstr("web cannot mount anything at /app"));
  EXPECT_THAT(failure.next_command(), HasSubstr("`target`"));
}

TEST(EngineErrors, NameWhoHoldsAContainersName) {
  const v1::Failure failure = FailureOf(EngineErrorStatus(
      {Operation::kContainer, "3f2a"}, 409,
      "Error when allocating new name: Conflict. The container name \"/web\" is already in use by "
      "container \"0e07dfbc\". You have to remove (or rename) that container to be able to reuse "
      "that name."));
  EXPECT_EQ(failure.code(), v1::NAME_IN_USE);
  EXPECT_EQ(failure.message(), "The container name web is taken");
  EXPECT_EQ(failure.evidence(0), "held by container 0e07dfbc");
}

TEST(EngineErrors, AdviseALoginAtTheRegistryThatIsMeant) {
  const v1::Failure failure = FailureOf(EngineErrorStatus(
      {Operation::kRegistry, "ghcr.io/acme/web:v1"}, 401, "unauthorized: authentication required"));
  EXPECT_EQ(failure.next_command(), "run `docker login ghcr.io`");
  EXPECT_EQ(failure.message(), "The registry ghcr.io refused to give ghcr.io/acme/web:v1");
}

TEST(EngineErrors, KeepLongWordsWithinBounds) {
  const v1::Failure failure = FailureOf(
      EngineErrorStatus({Operation::kOther, "the engine"}, 500, std::string(100'000, 'x')));
  EXPECT_EQ(failure.code(), v1::DOCKER_ERROR);
  EXPECT_LT(failure.evidence(0).size(), 3000u);
}

TEST(RegistryOf, TellsAHostFromAUser) {
  EXPECT_EQ(RegistryOf("nginx"), "docker.io");
  EXPECT_EQ(RegistryOf("nginx:1.2"), "docker.io");
  EXPECT_EQ(RegistryOf("acme/web"), "docker.io");
  EXPECT_EQ(RegistryOf("docker.io/acme/web"), "docker.io");
  EXPECT_EQ(RegistryOf("index.docker.io/acme/web"), "docker.io");
  EXPECT_EQ(RegistryOf("ghcr.io/acme/web:v1"), "ghcr.io");
  EXPECT_EQ(RegistryOf("localhost/web"), "localhost");
  EXPECT_EQ(RegistryOf("boat:5000/web"), "boat:5000");
}

}  // namespace
}  // namespace davit::docker
