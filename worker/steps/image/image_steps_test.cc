#include "tests/support/listener.h"
#include "tests/support/registry.h"
#include "worker/steps/testing/steps_fixture.h"

namespace davit::steps {
namespace {

using worker::v1::ContainerSpec;
using worker::v1::StepSpec;

class ImageSteps : public StepsTest {
 protected:
  StepSpec Resolve(const std::string& reference, const std::string& policy) const {
    StepSpec spec;
    spec.mutable_resolve_image()->set_reference(reference);
    spec.mutable_resolve_image()->set_pull_policy(policy);
    return spec;
  }
  StepSpec Pull(const std::string& reference, const std::string& digest,
                const std::string& image_id = "") const {
    StepSpec spec;
    spec.mutable_pull_image()->set_reference(reference);
    spec.mutable_pull_image()->set_digest(digest);
    spec.mutable_pull_image()->set_image_id(image_id);
    spec.mutable_pull_image()->set_keep_tag(KeepTag());
    return spec;
  }
  std::string KeepTag() const { return absl::StrCat("davit.keep/", label_, "/dev/web:v1"); }

  const test::ScopedImage remove_kept_{KeepTag()};
};

TEST_F(ImageSteps, ResolveAndPullByDigest) {
  const auto registry = test::Registry::Start();
  ASSERT_TRUE(registry.ok()) << registry.status();
  const auto reference = (*registry)->Push(image_, "shop/web:v1");
  ASSERT_TRUE(reference.ok()) << reference.status();
  const auto resolved = Run(Resolve(*reference, "always"));
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  const std::string digest = resolved->image().digest();
  EXPECT_THAT(digest,
              ::testing::StartsWith(absl::StrCat((*registry)->address(), "/shop/web@sha256:")));

  // Nobody has it any more but the registry.
  ASSERT_TRUE(engine_.RemoveImage(image_, test::TestCall()).ok());
  ASSERT_TRUE(engine_.RemoveImage(digest, test::TestCall()).ok());
  const auto pulled = Run(Pull(*reference, digest));
  ASSERT_TRUE(pulled.ok()) << pulled.status();
  EXPECT_THAT(pulled->summary(), ::testing::StartsWith("pulled "));
  EXPECT_EQ(pulled->image().image_id(), image_id_);
  const auto kept = engine_.InspectImage(KeepTag(), test::TestCall());
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->id, image_id_);

  const auto again = Run(Pull(*reference, digest));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->summary(), "was there already");
  EXPECT_EQ(Run(Resolve(*reference, "always"))->image().image_id(), image_id_);
  EXPECT_TRUE(engine_.RemoveImage(digest, test::TestCall()).ok());
}

TEST_F(ImageSteps, ResolveWhatOnlyThisHostHas) {
  for (const std::string policy : {"missing", "never"}) {
    const auto resolved = Run(Resolve(image_, policy));
    ASSERT_TRUE(resolved.ok()) << resolved.status();
    EXPECT_EQ(resolved->image().image_id(), image_id_);
    EXPECT_EQ(resolved->image().digest(), "");
  }
  const auto pulled = Run(Pull(image_, "", image_id_));
  ASSERT_TRUE(pulled.ok()) << pulled.status();
  EXPECT_EQ(pulled->image().image_id(), image_id_);
}

TEST_F(ImageSteps, NeverAskTheRegistryWhenToldSo) {
  const v1::Failure failure = Fail(Resolve("127.0.0.1:1/shop/web:v1", "never"));
  EXPECT_THAT(failure, HasCode(v1::IMAGE_NOT_FOUND));
}

TEST_F(ImageSteps, AskTheRegistryForWhatIsMissing) {
  const auto registry = test::Registry::Start();
  ASSERT_TRUE(registry.ok()) << registry.status();
  const auto reference = (*registry)->Push(image_, "shop/web:v1");
  ASSERT_TRUE(reference.ok()) << reference.status();
  const auto resolved = Run(Resolve(*reference, "missing"));
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_FALSE(resolved->image().digest().empty());
  EXPECT_TRUE(engine_.RemoveImage(resolved->image().digest(), test::TestCall()).ok());
}

TEST_F(ImageSteps, SayThatTheTagDoesNotExist) {
  const auto registry = test::Registry::Start();
  ASSERT_TRUE(registry.ok()) << registry.status();
  const std::string reference = (*registry)->address() + "/shop/web:v404";
  EXPECT_THAT(Fail(Resolve(reference, "always")), HasCode(v1::IMAGE_NOT_FOUND));
}

TEST_F(ImageSteps, LogInAsDockerLoginHasWrittenDown) {
  const auto registry = test::Registry::Start({"davit", "correct-horse"});
  ASSERT_TRUE(registry.ok()) << registry.status();
  const auto reference = (*registry)->Push(image_, "shop/web:v1");
  ASSERT_TRUE(reference.ok()) << reference.status();
  EXPECT_THAT(Fail(Resolve(*reference, "always")), HasCode(v1::REGISTRY_DENIED));

  environment_.docker_config_path = directory_.Write(
      "config.json", test::DockerLoginFile((*registry)->address(), "davit", "wrong-horse"));
  runners_ = MakeRunners(environment_);
  const v1::Failure denied = Fail(Resolve(*reference, "always"));
  EXPECT_THAT(denied, HasCode(v1::REGISTRY_DENIED));
  EXPECT_EQ(denied.DebugString().find("wrong-horse"), std::string::npos);

  directory_.Write("config.json",
                   test::DockerLoginFile((*registry)->address(), "davit", "correct-horse"));
  const auto resolved = Run(Resolve(*reference, "always"));
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  const auto pulled = Run(Pull(*reference, resolved->image().digest()));
  EXPECT_TRUE(pulled.ok()) << pulled.status();
  EXPECT_TRUE(engine_.RemoveImage(resolved->image().digest(), test::TestCall()).ok());
}

TEST_F(ImageSteps, SayThatTheRegistryDoesNotAnswer) {
  const std::string nobody = absl::StrCat("127.0.0.1:", test::FreePort(), "/shop/web:v1");
  EXPECT_THAT(Fail(Resolve(nobody, "always")), HasCode(v1::REGISTRY_UNREACHABLE));
}

TEST_F(ImageSteps, GiveUpAPullThatStalls) {
  const test::SilentListener registry;
  runners_[StepSpec::kPullImage] = MakePullImageRunner(environment_, absl::Milliseconds(300));
  const std::string repository = absl::StrCat("127.0.0.1:", registry.port(), "/shop/web");
  const v1::Failure failure =
      Fail(Pull(repository + ":v1", repository + "@sha256:" + std::string(64, 'a')));
  EXPECT_THAT(failure, HasCode(v1::STEP_STALLED));
  EXPECT_THAT(failure, Shows("nothing was received"));
}

TEST_F(ImageSteps, SayThatAnImageOfAnotherHostIsNotHere) {
  EXPECT_THAT(Fail(Pull("web:v1", "", "sha256:" + std::string(64, 'b'))),
              HasCode(v1::IMAGE_NOT_FOUND));
  EXPECT_THAT(Fail(Pull("web:v1", "")), HasCode(v1::SPEC_INVALID));
}

TEST_F(ImageSteps, RefuseAnImageForAnotherPlatform) {
  const std::string reference = ImageName("arm");
  const std::string other =
      engine_.Info(test::TestCall())->architecture == "amd64" ? "linux/arm64" : "linux/amd64";
  const auto id = test::ImportBusyboxImage(reference, {}, {.platform = other});
  ASSERT_TRUE(id.ok()) << id.status();
  const v1::Failure failure = Fail(Resolve(reference, "missing"));
  EXPECT_THAT(failure, HasCode(v1::IMAGE_WRONG_PLATFORM));
  EXPECT_THAT(failure, Shows(other));
  EXPECT_THAT(Fail(Pull(reference, "", *id)), HasCode(v1::IMAGE_WRONG_PLATFORM));
}

TEST_F(ImageSteps, SayThatDockerDoesNotAnswer) {
  docker::Engine nobody(directory_.File("no-docker.sock"));
  environment_.engine = &nobody;
  runners_ = MakeRunners(environment_);
  StepSpec observe;
  observe.mutable_observe();
  EXPECT_THAT(Fail(observe), HasCode(v1::DOCKER_UNREACHABLE));
}

TEST_F(ImageSteps, ObserveWhatIsOnTheHost) {
  Start(Name("web"), Spec());
  StepSpec observe;
  observe.mutable_observe();
  const auto outputs = Run(observe);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  const worker::v1::HostObservation& host = outputs->observe();
  EXPECT_EQ(host.os(), "linux");
  EXPECT_GT(host.disk_free_bytes(), 0);
  EXPECT_THAT(host.networks(), ::testing::Contains("bridge"));
  EXPECT_THAT(host.containers(), ::testing::Contains(::testing::Property(
                                     &worker::v1::ObservedContainer::name, Name("web"))));
}

TEST_F(ImageSteps, PruneWhatNoReleaseNeeds) {
  const std::string repository = absl::StrCat("davit.keep/", label_, "/dev/web");
  const std::string spare = Name("spare") + ":v1";
  const test::ScopedImage remove_v2(repository + ":v2"), remove_spare(spare);
  const auto spare_id = test::ImportBusyboxImage(spare, {});
  ASSERT_TRUE(spare_id.ok());
  ASSERT_TRUE(engine_.TagImage(*spare_id, repository, "v1", test::TestCall()).ok());
  ASSERT_TRUE(engine_.RemoveImage(spare, test::TestCall()).ok());
  ASSERT_TRUE(engine_.TagImage(image_id_, repository, "v2", test::TestCall()).ok());
  const auto old = engine_.CreateContainer(Name("old"), Spec(), "no", test::TestCall());
  ASSERT_TRUE(old.ok());

  ContainerSpec reader = Spec();
  (*reader.mutable_labels())["davit.reader"] = directory_.path();
  const std::string reader_name = absl::StrCat("davit-reader-", label_);
  ASSERT_TRUE(engine_.CreateContainer(reader_name, reader, "no", test::TestCall()).ok());

  StepSpec spec;
  spec.mutable_prune()->add_container_ids(*old);
  spec.mutable_prune()->set_keep_repository(repository);
  spec.mutable_prune()->add_keep_tags("v2");
  for (int run = 0; run < 2; ++run) {
    const auto outputs = Run(spec);
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    EXPECT_FALSE(Exists(*old));
    EXPECT_FALSE(Exists(reader_name)) << "its process was killed";
    EXPECT_THAT(*engine_.ListTags(repository, test::TestCall()),
                ::testing::ElementsAre(repository + ":v2"));
    EXPECT_FALSE(engine_.InspectImage(*spare_id, test::TestCall()).ok());
  }
}

TEST_F(ImageSteps, PruneCountsOnlyImagesThatAreGone) {
  const std::string repository = absl::StrCat("davit.keep/", label_, "/dev/web");
  ASSERT_TRUE(engine_.TagImage(image_id_, repository, "v1", test::TestCall()).ok());
  const std::string spare = Name("spare") + ":v1";
  const test::ScopedImage remove_spare(spare);
  const auto spare_id = test::ImportBusyboxImage(spare, {});
  ASSERT_TRUE(spare_id.ok());
  ASSERT_TRUE(engine_.TagImage(*spare_id, repository, "v2", test::TestCall()).ok());
  ASSERT_TRUE(engine_.RemoveImage(spare, test::TestCall()).ok());
  StepSpec spec;
  spec.mutable_prune()->set_keep_repository(repository);
  const auto outputs = Run(spec);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(outputs->summary(), "0 containers and 1 image removed; 1 image no longer kept");
  EXPECT_TRUE(engine_.InspectImage(image_id_, test::TestCall()).ok());
}

TEST_F(ImageSteps, PruneLeavesWhatRunsAndGoesOn) {
  const std::string running = Start(Name("old"), Spec());
  const auto other = engine_.CreateContainer(Name("older"), Spec(), "no", test::TestCall());
  ASSERT_TRUE(other.ok());
  StepSpec spec;
  spec.mutable_prune()->add_container_ids(running);
  spec.mutable_prune()->add_container_ids(*other);
  EXPECT_THAT(Fail(spec).message(), ::testing::HasSubstr(Name("old")));
  EXPECT_TRUE(Exists(running));
  EXPECT_FALSE(Exists(*other));
}

}  // namespace
}  // namespace davit::steps
