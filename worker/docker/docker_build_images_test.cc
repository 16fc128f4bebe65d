// Builds and pushes with a real engine and real registries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/failure/failure.h"
#include "tests/support/registry.h"
#include "tests/support/tar_writer.h"
#include "worker/docker/engine_test_fixture.h"

namespace davit::docker {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class BuildImagesTest : public EngineTest {
 protected:
  // The id; the image's tag `built_` is removed with the test.
  absl::StatusOr<std::string> Build(const std::string& dockerfile, BuildOptions options = {},
                                    const Call& call = test::TestCall()) {
    test::TarWriter tar;
    tar.AddFile("Dockerfile", dockerfile);
    tar.AddFile("hello", "hello");
    return BuildTar(tar.Finish(), std::move(options), call);
  }
  absl::StatusOr<std::string> BuildTar(std::string tar, BuildOptions options, const Call& call) {
    if (options.dockerfile.empty()) options.dockerfile = "Dockerfile";
    size_t sent = 0;
    const TarSource source = [&tar, &sent](char* buffer, size_t size) -> absl::StatusOr<size_t> {
      const size_t count = std::min(size, tar.size() - sent);
      std::copy_n(tar.data() + sent, count, buffer);
      sent += count;
      return count;
    };
    auto id = engine_.BuildImage(options, source, call, [this](absl::string_view text) {
      output_ += std::string(text);
      if (on_output_) on_output_();
    });
    if (!id.ok()) return id;
    EXPECT_TRUE(engine_.TagImage(*id, label_, "built", test::TestCall()).ok());
    return id;
  }
  // Of what the test's own image can do.
  std::string From(const std::string& lines) const { return "FROM " + image_ + "\n" + lines; }

  absl::StatusOr<std::string> Push(const std::string& address,
                                   const std::optional<RegistryAuth>& auth) {
    const std::string repository = address + "/" + label_;
    const test::ScopedImage tagged(repository + ":v1");
    EXPECT_TRUE(engine_.TagImage(image_, repository, "v1", test::TestCall()).ok());
    return engine_.PushImage(tagged.reference(), auth, test::TestCall(),
                             [this](const PullProgress& progress) { pushed_ = progress; });
  }

  std::string output_;
  std::function<void()> on_output_;
  PullProgress pushed_;

 private:
  const test::ScopedImage remove_built_{label_ + ":built"};
};

TEST_F(BuildImagesTest, BuildsWithArgumentsLabelsAndAStage) {
  BuildOptions options;
  options.args = {{"WORD", "a \"b\" & c"}};
  options.labels = {{"davit.test.word", "x y"}};
  options.target = "first";
  const auto id = Build("FROM " + image_ +
                            " AS first\nARG WORD\nRUN echo \"$WORD\"\nCOPY hello /hello\n"
                            "FROM scratch\nCOPY hello /never\n",
                        options);
  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_THAT(output_, HasSubstr("\na \"b\" & c\n"));
  EXPECT_THAT(output_, HasSubstr("Step 1/"));
  const auto file = engine_.ReadImageFile(*id, "/hello", label_, test::TestCall());
  EXPECT_EQ(file.value_or(""), "hello");
  const auto image = engine_.InspectImage(*id, test::TestCall());
  ASSERT_TRUE(image.ok());
  EXPECT_EQ(image->id, *id);
}

TEST_F(BuildImagesTest, NamesTheStepThatFails) {
  const auto id = Build(From("RUN echo almost; exit 3\n"));
  ASSERT_TRUE(IsFailure(id.status(), v1::BUILD_FAILED)) << id.status();
  const v1::Failure failure = FailureOf(id.status());
  EXPECT_THAT(failure.message(), HasSubstr("step 2/2, RUN echo almost; exit 3"));
  EXPECT_THAT(failure.log_tail(), Contains("almost"));
}

TEST_F(BuildImagesTest, SaysWhatIsWrongWithTheDockerfile) {
  const auto id = Build(From("FLY away\n"));
  ASSERT_TRUE(IsFailure(id.status(), v1::BUILD_FAILED)) << id.status();
  EXPECT_THAT(FailureOf(id.status()).evidence(), Contains(HasSubstr("FLY")));
}

TEST_F(BuildImagesTest, EndsAtOnceWhenItIsCancelledAndLeavesNoContainer) {
  CancelToken token;
  on_output_ = [&] {
    if (output_.find("begun") != std::string::npos) token.Cancel();
  };
  Call call = test::TestCall();
  call.cancel = &token;
  const auto id =
      Build(From("LABEL davit.test=" + label_ + "\nRUN echo begun; sleep 100\n"), {}, call);
  EXPECT_TRUE(absl::IsCancelled(id.status())) << id.status();
  // The engine notices by itself that nobody listens any more.
  const Call patience = test::TestCall();
  while (true) {
    const auto left = engine_.ListContainers({{"davit.test", label_}}, patience);
    ASSERT_TRUE(left.ok()) << left.status();
    if (left->empty()) break;
    ASSERT_TRUE(patience.Wait(absl::Milliseconds(20)).ok());
  }
}

TEST_F(BuildImagesTest, EndsWithTheErrorOfItsContext) {
  BuildOptions options{.dockerfile = "Dockerfile"};
  const TarSource broken = [](char*, size_t) -> absl::StatusOr<size_t> {
    return absl::DataLossError("the client has gone");
  };
  const auto id = engine_.BuildImage(options, broken, test::TestCall(), [](absl::string_view) {});
  EXPECT_EQ(id.status(), absl::DataLossError("the client has gone"));
}

TEST_F(BuildImagesTest, TakesBaseImagesWithALogin) {
  const auto registry = test::Registry::Start({"ci", "sesame"});
  ASSERT_TRUE(registry.ok()) << registry.status();
  const auto base = (*registry)->Push(image_, label_ + ":base");
  ASSERT_TRUE(base.ok()) << base.status();
  const test::ScopedImage remove_base(*base);
  const auto refused = Build("FROM " + *base + "\n");
  EXPECT_TRUE(IsFailure(refused.status(), v1::REGISTRY_DENIED)) << refused.status();
  BuildOptions options;
  options.logins = {{"nobody", "wrong", "elsewhere:5000"},
                    {"ci", "sesame", (*registry)->address()}};
  const auto id = Build("FROM " + *base + "\n", options);
  EXPECT_TRUE(id.ok()) << id.status();
}

TEST_F(BuildImagesTest, PushesAndGivesTheDigest) {
  const auto registry = test::Registry::Start({"ci", "sesame"});
  ASSERT_TRUE(registry.ok()) << registry.status();
  const std::string& address = (*registry)->address();
  const RegistryAuth auth{"ci", "sesame", address};
  const auto digest = Push(address, auth);
  ASSERT_TRUE(digest.ok()) << digest.status();
  EXPECT_THAT(*digest, ::testing::StartsWith("sha256:"));
  // The engine leaves out progress that is overtaken before it is told; never the last.
  EXPECT_EQ(pushed_.done_bytes, pushed_.total_bytes);
  const auto there =
      engine_.InspectDistribution(address + "/" + label_ + ":v1", auth, test::TestCall());
  ASSERT_TRUE(there.ok()) << there.status();
  EXPECT_EQ(there->digest, *digest);
}

TEST_F(BuildImagesTest, PushesWithoutALoginWhereNoneIsWanted) {
  const auto registry = test::Registry::Start();
  ASSERT_TRUE(registry.ok()) << registry.status();
  EXPECT_TRUE(Push((*registry)->address(), std::nullopt).ok());
}

TEST_F(BuildImagesTest, KnowsARegistryThatRefusesFromOneThatIsNotThere) {
  const auto registry = test::Registry::Start({"ci", "sesame"});
  ASSERT_TRUE(registry.ok()) << registry.status();
  const std::string address = (*registry)->address();
  const auto wrong = Push(address, RegistryAuth{"ci", "wrong", address});
  EXPECT_TRUE(IsFailure(wrong.status(), v1::REGISTRY_DENIED)) << wrong.status();
  const auto nobody = Push(address, std::nullopt);
  EXPECT_TRUE(IsFailure(nobody.status(), v1::REGISTRY_DENIED)) << nobody.status();
  (*registry)->Stop();
  const auto away = Push(address, std::nullopt);
  EXPECT_TRUE(IsFailure(away.status(), v1::REGISTRY_UNREACHABLE)) << away.status();
}

}  // namespace
}  // namespace davit::docker
