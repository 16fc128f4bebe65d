#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "tests/support/docker.h"
#include "tests/support/listener.h"
#include "tests/support/registry.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unique.h"
#include "worker/docker/engine_test_fixture.h"

namespace davit::docker {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class EngineImagesTest : public EngineTest {
 protected:
  // Pushes a new image and takes it from the engine.
  std::string Push(test::Registry& registry, absl::string_view name) {
    const test::ScopedImage local(absl::StrCat(test::UniqueName("davit-test"), ":v1"));
    EXPECT_TRUE(test::ImportBusyboxImage(local.reference(), {"/bin/true"}).ok());
    const auto reference = registry.Push(local.reference(), name);
    EXPECT_TRUE(reference.ok()) << reference.status();
    return reference.value_or("");
  }

  absl::Status Pull(absl::string_view reference,
                    const std::optional<RegistryAuth>& auth = std::nullopt) {
    return engine_.PullImage(reference, auth, test::TestCall(), [](const PullProgress&) {});
  }
};

TEST_F(EngineImagesTest, TellsWhatAnImageIs) {
  const auto image = engine_.InspectImage(image_, test::TestCall());
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->id, image_id_);
  EXPECT_THAT(image->tags, ElementsAre(image_));
  EXPECT_EQ(image->os, "linux");
  EXPECT_EQ(image->architecture, engine_.Info(test::TestCall())->architecture);
  EXPECT_EQ(image->user, "");
  EXPECT_FALSE(image->has_healthcheck);
  EXPECT_GT(image->size_bytes, 1'000'000);
}

TEST_F(EngineImagesTest, TagsListsAndRemovesTags) {
  const Call call = test::TestCall();
  const std::string repository = absl::StrCat("davit.keep/", label_, "/web");
  for (const char* tag : {"v2", "v1"}) {
    ASSERT_TRUE(engine_.TagImage(image_, repository, tag, call).ok());
  }
  EXPECT_THAT(*engine_.ListTags(repository, call),
              ElementsAre(repository + ":v1", repository + ":v2"));
  EXPECT_TRUE(engine_.RemoveImage(repository + ":v1", call).ok());
  EXPECT_TRUE(engine_.RemoveImage(repository + ":v1", call).ok());
  EXPECT_THAT(*engine_.ListTags(repository, call), ElementsAre(repository + ":v2"));
  EXPECT_TRUE(engine_.RemoveImage(repository + ":v2", call).ok());
  EXPECT_TRUE(engine_.InspectImage(image_, call).ok());
}

TEST_F(EngineImagesTest, ReadsAFileOfAnImageWithoutStartingIt) {
  const auto passwd = engine_.ReadImageFile(image_, "/etc/passwd", label_, test::TestCall());
  ASSERT_TRUE(passwd.ok()) << passwd.status();
  EXPECT_THAT(*passwd, StartsWith("root:x:0:0:"));
  // A link is followed to a file that is too large here.
  EXPECT_EQ(engine_.ReadImageFile(image_, "/bin/sh", label_, test::TestCall()).status().code(),
            absl::StatusCode::kResourceExhausted);
  for (const char* path : {"/etc/shadow", "/etc"}) {
    EXPECT_EQ(engine_.ReadImageFile(image_, path, label_, test::TestCall()).status().code(),
              absl::StatusCode::kNotFound)
        << path;
  }
  EXPECT_TRUE(IsFailure(
      engine_.ReadImageFile("davit-test-none:v1", "/etc/passwd", label_, test::TestCall()).status(),
      v1::IMAGE_NOT_FOUND));
  EXPECT_THAT(*engine_.ListContainers({{"davit.reader", label_}}, test::TestCall()), IsEmpty());
}

// As a process that was killed leaves it.
std::string LeaveReader(Engine& engine, const std::string& image, const std::string& reader) {
  worker::v1::ContainerSpec spec;
  spec.set_image(image);
  (*spec.mutable_labels())["davit.reader"] = reader;
  (*spec.mutable_labels())["davit.reader.process"] = "killed";
  return *engine.CreateContainer(test::UniqueName("davit-reader"), spec, "no", test::TestCall());
}

TEST_F(EngineImagesTest, RemovesTheReadersOfAProcessThatWasKilled) {
  const test::ScopedContainer left(LeaveReader(engine_, image_, label_));
  const test::ScopedContainer foreign(LeaveReader(engine_, image_, label_ + "-other"));
  ASSERT_TRUE(engine_.RemoveLeftReaders(label_, test::TestCall()).ok());
  EXPECT_TRUE(IsFailure(engine_.InspectContainer(left.name(), test::TestCall()).status(),
                        v1::CONTAINER_GONE));
  EXPECT_TRUE(engine_.InspectContainer(foreign.name(), test::TestCall()).ok());
}

TEST_F(EngineImagesTest, LeavesContainersWhoseImageHasTheLabelOfReaders) {
  worker::v1::ContainerSpec spec;
  spec.set_image(image_);
  (*spec.mutable_labels())["davit.reader"] = label_;
  const test::ScopedContainer app(test::UniqueName("davit-app"));
  ASSERT_TRUE(engine_.CreateContainer(app.name(), spec, "no", test::TestCall()).ok());
  ASSERT_TRUE(engine_.RemoveLeftReaders(label_, test::TestCall()).ok());
  EXPECT_TRUE(engine_.InspectContainer(app.name(), test::TestCall()).ok());
}

TEST_F(EngineImagesTest, PullsWithProgress) {
  const auto registry = test::Registry::Start();
  ASSERT_TRUE(registry.ok()) << registry.status();
  const test::ScopedImage image(Push(**registry, "team/web:v1"));
  EXPECT_FALSE(engine_.InspectImage(image.reference(), test::TestCall()).ok());
  const auto known = engine_.InspectDistribution(image.reference(), std::nullopt, test::TestCall());
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_THAT(known->digest, StartsWith("sha256:"));

  std::vector<PullProgress> progress;
  const absl::Status status =
      engine_.PullImage(image.reference(), std::nullopt, test::TestCall(),
                        [&progress](const PullProgress& p) { progress.push_back(p); });
  ASSERT_TRUE(status.ok()) << status;
  // The engine leaves out what is overtaken before it is told, the whole download even.
  ASSERT_THAT(progress, Not(IsEmpty()));
  for (const PullProgress& told : progress) EXPECT_LE(told.done_bytes, told.total_bytes);
  EXPECT_EQ(progress.back().phase, "extract");
  EXPECT_GT(progress.back().total_bytes, 500'000);
  EXPECT_EQ(progress.back().done_bytes, progress.back().total_bytes);
  const auto pulled = engine_.InspectImage(image.reference(), test::TestCall());
  ASSERT_TRUE(pulled.ok()) << pulled.status();
  const std::string digest = absl::StrCat((*registry)->address(), "/team/web@", known->digest);
  EXPECT_THAT(pulled->digests, Contains(digest));
  EXPECT_TRUE(Pull(digest).ok());
}

TEST_F(EngineImagesTest, PullsFromAPrivateRegistryWithTheLoginOfDocker) {
  const auto registry = test::Registry::Start({"joe", "s3cr:et"});
  ASSERT_TRUE(registry.ok()) << registry.status();
  const test::ScopedImage image(Push(**registry, "web:v1"));
  const test::TempDir directory;
  const std::string config = directory.Write(
      "config.json", test::DockerLoginFile((*registry)->address(), "joe", "s3cr:et"));
  const auto auth = FindRegistryAuth(config, image.reference());
  ASSERT_TRUE(auth.ok()) << auth.status();
  ASSERT_TRUE(auth->has_value());
  EXPECT_TRUE(engine_.InspectDistribution(image.reference(), *auth, test::TestCall()).ok());
  const absl::Status status = Pull(image.reference(), *auth);
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(EngineImagesTest, SaysThatCredentialsLackOrAreWrong) {
  const auto registry = test::Registry::Start({"joe", "secret"});
  ASSERT_TRUE(registry.ok()) << registry.status();
  const std::string reference = Push(**registry, "web:v1");
  const RegistryAuth wrong{"joe", "pa55word", (*registry)->address()};
  const absl::Status without = Pull(reference);
  EXPECT_TRUE(IsFailure(without, v1::REGISTRY_DENIED)) << without;
  EXPECT_THAT(FailureOf(without).likely_cause(), HasSubstr("no login"));
  const absl::Status refused = Pull(reference, wrong);
  EXPECT_TRUE(IsFailure(refused, v1::REGISTRY_DENIED)) << refused;
  EXPECT_THAT(FailureOf(refused).likely_cause(), HasSubstr("wrong"));
  EXPECT_THAT(FailureOf(refused).DebugString(), Not(HasSubstr("pa55word")));
  for (const auto& auth : {std::optional<RegistryAuth>(), std::optional<RegistryAuth>(wrong)}) {
    EXPECT_TRUE(IsFailure(engine_.InspectDistribution(reference, auth, test::TestCall()).status(),
                          v1::REGISTRY_DENIED));
  }
}

TEST_F(EngineImagesTest, SaysThatTheTagOrRepositoryDoesNotExist) {
  const auto registry = test::Registry::Start();
  ASSERT_TRUE(registry.ok()) << registry.status();
  const std::string repository = Push(**registry, "web:v1");
  for (const std::string& reference :
       {absl::StrCat((*registry)->address(), "/web:v9"),
        absl::StrCat((*registry)->address(), "/no/such:v1"),
        absl::StrCat((*registry)->address(), "/web@sha256:", std::string(64, '0'))}) {
    EXPECT_TRUE(IsFailure(Pull(reference), v1::IMAGE_NOT_FOUND)) << reference;
    EXPECT_TRUE(
        IsFailure(engine_.InspectDistribution(reference, std::nullopt, test::TestCall()).status(),
                  v1::IMAGE_NOT_FOUND))
        << reference;
  }
}

TEST_F(EngineImagesTest, SaysThatTheRegistryIsDown) {
  const auto registry = test::Registry::Start();
  ASSERT_TRUE(registry.ok()) << registry.status();
  (*registry)->Stop();
  const std::string reference = absl::StrCat((*registry)->address(), "/web:v1");
  const absl::Status status = Pull(reference);
  EXPECT_TRUE(IsFailure(status, v1::REGISTRY_UNREACHABLE)) << status;
  EXPECT_THAT(FailureOf(status).likely_cause(), HasSubstr("nothing listens"));
}

TEST_F(EngineImagesTest, SaysThatTheRegistrysNameDoesNotExist) {
  const absl::Status status = Pull("registry.invalid/web:v1");
  EXPECT_TRUE(IsFailure(status, v1::REGISTRY_UNREACHABLE)) << status;
}

TEST_F(EngineImagesTest, EndsAPullFromASilentRegistryAtTheDeadline) {
  const test::SilentListener silent;
  const std::string reference = absl::StrCat("127.0.0.1:", silent.port(), "/web:v1");
  const absl::Status status = engine_.PullImage(
      reference, std::nullopt, Call{}.Within(absl::Milliseconds(500)), [](const PullProgress&) {});
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
}

TEST_F(EngineImagesTest, EndsAHangingPullPromptlyWhenCancelled) {
  const test::SilentListener silent;
  const std::string reference = absl::StrCat("127.0.0.1:", silent.port(), "/web:v1");
  CancelToken cancel;
  absl::Status status;
  std::thread puller([&] {
    status = engine_.PullImage(reference, std::nullopt, Call{test::TestCall().deadline, &cancel},
                               [](const PullProgress&) {});
  });
  ASSERT_TRUE(silent.WaitForConnection(absl::Seconds(20)));
  cancel.Cancel();
  puller.join();
  // Not by the deadline, nor by what Docker says once it has lost its patience.
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled) << status;
}

}  // namespace
}  // namespace davit::docker
