#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "worker/steps/image/platform.h"
#include "worker/steps/image/stall_guard.h"
#include "worker/steps/image/user.h"

namespace davit::steps {
namespace {

constexpr char kPasswd[] =
    "root:x:0:0:root:/root:/bin/sh\n"
    "broken line\n"
    "app:x:1000:1001::/home/app:/bin/sh\n";
constexpr char kGroup[] = "root:x:0:\nstaff:x:50:app\n";

TEST(ImageUser, IsReadAsDockerReadsIt) {
  EXPECT_EQ(*ResolveUser("", kPasswd, kGroup), (Owner{0, 0}));
  EXPECT_EQ(*ResolveUser("app", kPasswd, kGroup), (Owner{1000, 1001}));
  EXPECT_EQ(*ResolveUser("1000", kPasswd, kGroup), (Owner{1000, 1001}));
  EXPECT_EQ(*ResolveUser("4711", kPasswd, kGroup), (Owner{4711, 0}));
  EXPECT_EQ(*ResolveUser("app:staff", kPasswd, kGroup), (Owner{1000, 50}));
  EXPECT_EQ(*ResolveUser("1:2", "", ""), (Owner{1, 2}));
}

TEST(ImageUser, IsAnErrorWhenTheImageDoesNotKnowIt) {
  EXPECT_TRUE(absl::IsNotFound(ResolveUser("ghost", kPasswd, kGroup).status()));
  EXPECT_TRUE(absl::IsNotFound(ResolveUser("app:ghosts", kPasswd, kGroup).status()));
  EXPECT_TRUE(absl::IsNotFound(ResolveUser("app", "", "").status()));
}

TEST(Owners, AreNumbers) {
  EXPECT_EQ(*ParseOwner("1000"), (Owner{1000, 1000}));
  EXPECT_EQ(*ParseOwner("1000:50"), (Owner{1000, 50}));
  for (const char* wrong : {"", "app", "1000:", "1:2:3", "-1", "99999999999"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseOwner(wrong).status())) << wrong;
  }
}

TEST(Digests, AreFoundByRepositoryInAllItsSpellings) {
  const std::string digest = "@sha256:" + std::string(64, 'a');
  EXPECT_EQ(FindDigest("docker.io/library/nginx:1.25", {"other" + digest, "nginx" + digest}),
            "nginx" + digest);
  EXPECT_EQ(FindDigest("nginx", {"docker.io/library/nginx" + digest}),
            "docker.io/library/nginx" + digest);
  EXPECT_EQ(FindDigest("localhost:5000/web:v1", {"localhost:5000/web" + digest}),
            "localhost:5000/web" + digest);
  EXPECT_EQ(FindDigest("localhost:5000/web:v1", {"localhost:6000/web" + digest}), "");
}

TEST(Platforms, AreComparedWithoutTheirVariant) {
  const docker::EngineInfo engine{.os = "linux", .architecture = "arm64"};
  EXPECT_TRUE(CheckPlatforms("web", {"linux/amd64", "linux/arm64/v8"}, engine).ok());
  EXPECT_TRUE(CheckPlatforms("web", {}, engine).ok());
  const absl::Status status = CheckPlatforms("web", {"linux/amd64", "windows/arm64"}, engine);
  EXPECT_TRUE(IsFailure(status, v1::IMAGE_WRONG_PLATFORM));
  EXPECT_EQ(FailureOf(status).evidence(0), "image: linux/amd64, windows/arm64");
}

TEST(StallGuard, EndsWorkThatGetsNoFurther) {
  StallGuard guard(Call{absl::Now() + absl::Minutes(1)}, absl::Milliseconds(50));
  EXPECT_TRUE(absl::IsCancelled(guard.call().Wait(absl::Minutes(1))));
  EXPECT_TRUE(guard.stalled());
}

TEST(StallGuard, PassesOnThatTheStepWasCancelled) {
  CancelToken token;
  StallGuard guard(Call{absl::Now() + absl::Minutes(1), &token}, absl::Minutes(1));
  token.Cancel();
  EXPECT_TRUE(absl::IsCancelled(guard.call().Wait(absl::Minutes(1))));
  EXPECT_FALSE(guard.stalled());
}

}  // namespace
}  // namespace davit::steps
