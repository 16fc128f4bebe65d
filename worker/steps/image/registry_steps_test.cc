#include "common/secret/secret_key.h"
#include "tests/support/broken_front.h"
#include "tests/support/registry.h"
#include "worker/steps/testing/steps_fixture.h"

namespace davit::steps {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using worker::v1::StepSpec;

// Enough for a manifest and a configuration, too little for a layer of BusyBox.
constexpr size_t kNoLayerBytes = 100 << 10;

// Images from a registry that wants a password, and from one that fails.
class RegistrySteps : public StepsTest {
 protected:
  void SetUp() override {
    StepsTest::SetUp();
    auto registry = test::Registry::Start({"davit", "correct-horse"});
    ASSERT_TRUE(registry.ok()) << registry.status();
    registry_ = *std::move(registry);
    const auto pushed = registry_->Push(image_, Name("web") + ":v1");
    ASSERT_TRUE(pushed.ok()) << pushed.status();
    reference_ = *pushed;
  }
  void TearDown() override {
    if (!digest_.empty()) EXPECT_TRUE(engine_.RemoveImage(digest_, test::TestCall()).ok());
  }

  static worker::v1::SecretUse Password() {
    worker::v1::SecretUse use;
    use.set_environment("dev");
    use.set_name("REGISTRY_PASSWORD");
    use.set_version(2);
    return use;
  }
  void LogIn(google::protobuf::RepeatedPtrField<worker::v1::RegistryLogin>& logins,
             const std::string& server) const {
    worker::v1::RegistryLogin& login = *logins.Add();
    login.set_server(server);
    login.set_username("davit");
    *login.mutable_password() = Password();
  }
  StepSpec Resolve() const {
    StepSpec spec;
    spec.mutable_resolve_image()->set_reference(reference_);
    spec.mutable_resolve_image()->set_pull_policy("always");
    LogIn(*spec.mutable_resolve_image()->mutable_logins(), registry_->address());
    return spec;
  }
  StepSpec Pull(const std::string& reference, const std::string& digest) const {
    StepSpec spec;
    spec.mutable_pull_image()->set_reference(reference);
    spec.mutable_pull_image()->set_digest(digest);
    LogIn(*spec.mutable_pull_image()->mutable_logins(), reference.substr(0, reference.find('/')));
    return spec;
  }
  // A step that came with this value of the password.
  StepContext With(const std::string& password) const {
    StepContext context = Context("step");
    context.secrets[SecretKey(Password())] = password;
    return context;
  }
  // The digest, and nobody but the registry has the image any more.
  std::string ResolveAndForget() {
    const auto resolved = Run(Resolve(), With("correct-horse"));
    EXPECT_TRUE(resolved.ok()) << resolved.status();
    if (!resolved.ok()) return "";
    EXPECT_TRUE(engine_.RemoveImage(image_, test::TestCall()).ok());
    EXPECT_TRUE(engine_.RemoveImage(resolved->image().digest(), test::TestCall()).ok());
    return resolved->image().digest();
  }
  // How the pull through something that fails so ends.
  v1::Failure PullThrough(test::BrokenFront::Manner manner, absl::Duration stall_limit) {
    const std::string digest = ResolveAndForget();
    const test::BrokenFront front(registry_->port(), kNoLayerBytes, manner);
    runners_[StepSpec::kPullImage] = MakePullImageRunner(environment_, stall_limit);
    const size_t slash = digest.find('/');
    return Fail(
        Pull(front.address() + reference_.substr(slash), front.address() + digest.substr(slash)),
        With("correct-horse"));
  }

  std::unique_ptr<test::Registry> registry_;
  std::string reference_;
  std::string digest_;  // to be removed
};

TEST_F(RegistrySteps, LogInAsTheProjectSays) {
  // The host's own login is of no use.
  environment_.docker_config_path = directory_.Write(
      "config.json", test::DockerLoginFile(registry_->address(), "davit", "wrong-horse"));
  runners_ = MakeRunners(environment_);
  digest_ = ResolveAndForget();
  const auto pulled = Run(Pull(reference_, digest_), With("correct-horse"));
  ASSERT_TRUE(pulled.ok()) << pulled.status();
  EXPECT_EQ(pulled->image().image_id(), image_id_);
  EXPECT_THAT(pulled->image().digests(), ::testing::Contains(digest_));
  EXPECT_TRUE(std::is_sorted(pulled->image().digests().begin(), pulled->image().digests().end()));
  const auto kept = engine_.ListTags("davit.keep/" + label_, test::TestCall());
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_THAT(*kept, ::testing::IsEmpty()) << "no tag was asked for";
}

TEST_F(RegistrySteps, SayWhichLoginWasRefused) {
  for (const StepSpec& step :
       {Resolve(), Pull(reference_, reference_.substr(0, reference_.rfind(':')) +
                                        "@sha256:" + std::string(64, 'a'))}) {
    const v1::Failure failure = Fail(step, With("wrong-horse"));
    EXPECT_THAT(failure, HasCode(v1::REGISTRY_DENIED));
    EXPECT_THAT(failure,
                Shows("user davit, password of secret REGISTRY_PASSWORD (version 2, of dev)"));
    EXPECT_THAT(failure.next_command(), HasSubstr("davit secrets set REGISTRY_PASSWORD -e dev"));
    EXPECT_THAT(failure.DebugString(), Not(HasSubstr("wrong-horse")));
  }
}

TEST_F(RegistrySteps, SayThatAPasswordDidNotCome) {
  EXPECT_THAT(Fail(Resolve()), HasCode(v1::SECRET_MISSING));
}

TEST_F(RegistrySteps, SayThatTheTagIsNotThere) {
  reference_ = reference_.substr(0, reference_.rfind(':')) + ":v404";
  const v1::Failure failure = Fail(Resolve(), With("correct-horse"));
  EXPECT_THAT(failure, HasCode(v1::IMAGE_NOT_FOUND));
  EXPECT_THAT(failure.message(), HasSubstr("v404"));
}

TEST_F(RegistrySteps, TellARegistryThatFallsSilentInALayer) {
  const v1::Failure failure =
      PullThrough(test::BrokenFront::Manner::kFallsSilent, absl::Seconds(3));
  EXPECT_THAT(failure, HasCode(v1::STEP_STALLED));
  EXPECT_THAT(failure, Shows("last: download"));
}

// Docker waits five seconds, and longer each time, before it tries a layer once more.
TEST_F(RegistrySteps, TellARegistryThatBreaksLayersOff) {
  const v1::Failure failure = PullThrough(test::BrokenFront::Manner::kBreaksOff, absl::Seconds(3));
  EXPECT_THAT(failure, HasCode(v1::STEP_STALLED));
  EXPECT_THAT(failure, Shows("layers that the registry broke off: "));
}

TEST_F(RegistrySteps, TakeABuiltImageFromTheHostAlone) {
  StepSpec step = Resolve();
  registry_->Stop();
  step.mutable_resolve_image()->set_image_id(image_id_);
  const auto resolved = Run(step);
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_EQ(resolved->image().image_id(), image_id_);
  EXPECT_EQ(resolved->image().digest(), "") << "the host knows of none";

  step.mutable_resolve_image()->set_image_id("sha256:" + std::string(64, 'c'));
  const v1::Failure failure = Fail(step);
  EXPECT_THAT(failure, HasCode(v1::IMAGE_NOT_FOUND));
  EXPECT_THAT(failure, Shows("sha256:ccc"));
}

}  // namespace
}  // namespace davit::steps
