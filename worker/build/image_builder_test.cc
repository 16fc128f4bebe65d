// Builds, tests and pushes with a real engine and real registries.
#include "worker/build/image_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "tests/support/docker.h"
#include "tests/support/registry.h"
#include "tests/support/tar_writer.h"
#include "tests/support/unique.h"

namespace davit::builder {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ImageBuilderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(test::ImportBusyboxImage(base_, {"/bin/sleep", "100"}).ok());
    dockerfile_ = absl::StrCat("FROM ", base_, "\nCOPY hello /hello\n");
    job_.mutable_build()->set_dockerfile("Dockerfile");
    job_.add_references(own_);
  }

  absl::StatusOr<v1::BuiltImage> Build(const Call& call = test::TestCall()) {
    test::TarWriter writer;
    writer.AddFile("Dockerfile", dockerfile_);
    writer.AddFile("hello", label_);  // so that no test has the image of another
    const std::string tar = writer.Finish();
    size_t sent = 0;
    const docker::TarSource context = [&](char* buffer, size_t size) -> absl::StatusOr<size_t> {
      const size_t count = std::min(size, tar.size() - sent);
      std::copy_n(tar.data() + sent, count, buffer);
      sent += count;
      return count;
    };
    return builder_.Build(job_, context, call, [this](const v1::BuildOutput& output) {
      text_[output.stage()] += output.data();
      if (!output.reference().empty()) pushed_.push_back(output.reference());
      if (on_output_) on_output_();
      return true;
    });
  }
  v1::Failure Fails(v1::FailureCode code) {
    const auto built = Build();
    EXPECT_TRUE(IsFailure(built.status(), code)) << built.status();
    return built.ok() ? v1::Failure() : FailureOf(built.status());
  }
  void Test(const std::string& script) {
    for (const char* word : {"/bin/sh", "-c"}) job_.mutable_build()->add_test(word);
    job_.mutable_build()->add_test(script);
  }

  std::unique_ptr<test::Registry> StartRegistry(const std::string& password) {
    auto registry = test::Registry::Start({"ci", password});
    EXPECT_TRUE(registry.ok()) << registry.status();
    return registry.ok() ? *std::move(registry) : nullptr;
  }
  // The reference that is pushed there.
  std::string PushTo(const test::Registry& registry, const std::string& secret,
                     const std::string& value) {
    const std::string reference = absl::StrCat(registry.address(), "/", label_, ":v1");
    job_.add_references(reference);
    job_.add_push(reference);
    worker::v1::RegistryLogin& login = *job_.add_logins();
    login.set_server(registry.address());
    login.set_username("ci");
    login.mutable_password()->set_environment("dev");
    login.mutable_password()->set_name(secret);
    login.mutable_password()->set_version(1);
    (*job_.mutable_secrets())[absl::StrCat("dev/", secret, "@1")] = value;
    tags_.push_back(std::make_unique<test::ScopedImage>(reference));
    return reference;
  }
  bool IsThere(const std::string& reference) {
    return test::TestEngine().InspectImage(reference, test::TestCall()).ok();
  }
  std::vector<worker::v1::ObservedContainer> Containers() {
    const auto left =
        test::TestEngine().ListContainers({{"davit.builder", label_}}, test::TestCall());
    EXPECT_TRUE(left.ok()) << left.status();
    return left.value_or(std::vector<worker::v1::ObservedContainer>());
  }

  const std::string label_ = test::UniqueName("davit-test-build");
  const std::string base_ = absl::StrCat(label_, ":base");
  const std::string own_ = absl::StrCat(label_, ":v1");
  const test::ScopedImage remove_base_{base_};
  const test::ScopedImage remove_own_{own_};
  const test::ScopedLabel remove_containers_{"davit.builder", label_};
  std::vector<std::unique_ptr<test::ScopedImage>> tags_;
  ImageBuilder builder_{{&test::TestEngine(), "", label_}};
  std::string dockerfile_;
  worker::v1::BuildJob job_;
  std::map<v1::BuildOutput::Stage, std::string> text_;
  std::vector<std::string> pushed_;
  std::function<void()> on_output_;
};

TEST_F(ImageBuilderTest, BuildsTestsAndPushesToEachRegistryWithItsOwnLogin) {
  const auto one = StartRegistry("first-password");
  const auto two = StartRegistry("second-password");
  ASSERT_TRUE(one && two);
  const std::string first = PushTo(*one, "ONE", "first-password");
  const std::string second = PushTo(*two, "TWO", "second-password");
  Test("cat /hello; echo; echo tested");
  const auto built = Build();
  ASSERT_TRUE(built.ok()) << built.status();
  EXPECT_EQ(built->reference(), own_);
  EXPECT_THAT(built->image_id(), StartsWith("sha256:"));
  EXPECT_THAT(built->digests(),
              ElementsAre(StartsWith(absl::StrCat(one->address(), "/", label_, "@sha256:")),
                          StartsWith(absl::StrCat(two->address(), "/", label_, "@sha256:"))));
  EXPECT_THAT(text_[v1::BuildOutput::BUILD], HasSubstr("Step 2/2 : COPY hello /hello\n"));
  EXPECT_EQ(text_[v1::BuildOutput::TEST], label_ + "\ntested\n");
  // The engine leaves out progress that is overtaken before it is told.
  EXPECT_THAT(pushed_, Each(AnyOf(first, second)));
  EXPECT_TRUE(Containers().empty());
}

TEST_F(ImageBuilderTest, PushesNothingWhenTheTestFails) {
  const auto registry = StartRegistry("password");
  ASSERT_TRUE(registry);
  const std::string reference = PushTo(*registry, "ONE", "password");
  Test("echo 3 of 4 passed; exit 4");
  const v1::Failure failure = Fails(v1::TEST_FAILED);
  EXPECT_THAT(failure.evidence(), Contains("exit code: 4"));
  EXPECT_THAT(failure.log_tail(), ElementsAre("3 of 4 passed"));
  EXPECT_TRUE(pushed_.empty());
  EXPECT_FALSE(IsThere(own_));
  EXPECT_TRUE(Containers().empty());
}

TEST_F(ImageBuilderTest, SaysThatATestCannotBeRun) {
  job_.mutable_build()->add_test("/bin/missing");
  const v1::Failure failure = Fails(v1::TEST_FAILED);
  EXPECT_THAT(failure.message(), HasSubstr("cannot be run: /bin/missing"));
  EXPECT_TRUE(Containers().empty());
}

TEST_F(ImageBuilderTest, NamesTheLoginThatARegistryRefused) {
  const auto registry = StartRegistry("password");
  ASSERT_TRUE(registry);
  const std::string reference = PushTo(*registry, "WRONG", "another-password");
  const v1::Failure failure = Fails(v1::REGISTRY_DENIED);
  EXPECT_THAT(failure.message(), HasSubstr("refused to take " + reference));
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("secret WRONG")));
  EXPECT_THAT(failure.next_command(), HasSubstr("davit secrets set WRONG -e dev"));
  EXPECT_FALSE(IsThere(reference));
  EXPECT_FALSE(IsThere(own_));
}

TEST_F(ImageBuilderTest, KnowsARegistryThatIsNotThere) {
  const auto registry = StartRegistry("password");
  ASSERT_TRUE(registry);
  PushTo(*registry, "ONE", "password");
  registry->Stop();
  Fails(v1::REGISTRY_UNREACHABLE);
}

TEST_F(ImageBuilderTest, LeavesATagWhereItWasWhenItFails) {
  ASSERT_TRUE(Build().ok());
  const auto before = test::TestEngine().InspectImage(own_, test::TestCall());
  dockerfile_ += "COPY hello /again\n";
  const auto registry = StartRegistry("password");
  ASSERT_TRUE(before.ok() && registry);
  PushTo(*registry, "WRONG", "another-password");
  Fails(v1::REGISTRY_DENIED);
  const auto after = test::TestEngine().InspectImage(own_, test::TestCall());
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->id, before->id);
}

TEST_F(ImageBuilderTest, MasksSecretsInWhatItSaysAndInItsFailure) {
  (*job_.mutable_secrets())["dev/TOKEN@1"] = "hunter2-hunter2";
  dockerfile_ += "RUN echo hunter2-hunter2; exit 1\n";
  const v1::Failure failure = Fails(v1::BUILD_FAILED);
  EXPECT_THAT(text_[v1::BuildOutput::BUILD], HasSubstr("***"));
  EXPECT_THAT(text_[v1::BuildOutput::BUILD], Not(HasSubstr("hunter2")));
  EXPECT_THAT(failure.DebugString(), Not(HasSubstr("hunter2")));
}

TEST_F(ImageBuilderTest, MasksSecretsThatHaveSeveralLinesOrAreCutInTheLastLines) {
  (*job_.mutable_secrets())["dev/KEY@1"] = "xy\nzw";
  (*job_.mutable_secrets())["dev/TOKEN@1"] = "hunter2-hunter2";
  Test("echo xy; echo zw; head -c 1014 /dev/zero | tr '\\0' '.'; echo hunter2-hunter2; exit 1");
  const v1::Failure failure = Fails(v1::TEST_FAILED);
  EXPECT_THAT(failure.log_tail(), ElementsAre("***", std::string(1014, '.') + "***"));
}

TEST_F(ImageBuilderTest, EndsTheTestWhenItIsCancelledAndLeavesNothing) {
  CancelToken token;
  on_output_ = [&] {
    if (absl::StrContains(text_[v1::BuildOutput::TEST], "begun")) token.Cancel();
  };
  Test("echo begun; sleep 100");
  Call call = test::TestCall();
  call.cancel = &token;
  const auto built = Build(call);
  EXPECT_TRUE(absl::IsCancelled(built.status())) << built.status();
  EXPECT_TRUE(Containers().empty());
  EXPECT_FALSE(IsThere(own_));
}

TEST_F(ImageBuilderTest, EndsWhenItTakesTooLong) {
  job_.mutable_timeout()->set_seconds(4);
  Test("sleep 100");
  EXPECT_THAT(Fails(v1::STEP_TIMEOUT).message(), HasSubstr("4s"));
  EXPECT_TRUE(Containers().empty());
}

TEST_F(ImageBuilderTest, RemovesTestsThatAnEarlierProcessWasKilledOver) {
  worker::v1::ContainerSpec spec;
  spec.set_image(base_);
  (*spec.mutable_labels())["davit.builder"] = label_;
  (*spec.mutable_labels())["davit.builder.process"] = "another";
  ASSERT_TRUE(
      test::TestEngine().CreateContainer(label_ + "-left", spec, "no", test::TestCall()).ok());
  ASSERT_EQ(Containers().size(), 1U);
  EXPECT_TRUE(Build().ok());
  EXPECT_TRUE(Containers().empty());
}

TEST_F(ImageBuilderTest, LeavesContainersWhoseImageHasItsLabel) {
  worker::v1::ContainerSpec spec;
  spec.set_image(base_);
  (*spec.mutable_labels())["davit.builder"] = label_;
  const test::ScopedContainer app(test::UniqueName("davit-app"));
  ASSERT_TRUE(test::TestEngine().CreateContainer(app.name(), spec, "no", test::TestCall()).ok());
  EXPECT_TRUE(Build().ok());
  EXPECT_EQ(Containers().size(), 1U);
}

TEST_F(ImageBuilderTest, RefusesAPushUnderANameThatTheImageDoesNotGet) {
  job_.add_push("elsewhere/web:v1");
  Fails(v1::SPEC_INVALID);
}

}  // namespace
}  // namespace davit::builder
