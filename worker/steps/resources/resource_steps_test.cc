#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "worker/steps/resources/created_record.h"
#include "worker/steps/testing/steps_fixture.h"

namespace davit::steps {
namespace {

using worker::v1::ContainerSpec;
using worker::v1::StepSpec;

class ResourceSteps : public StepsTest {
 protected:
  ~ResourceSteps() override {
    engine_.RemoveNetwork(Name("net"), test::TestCall()).IgnoreError();
    engine_.RemoveVolume(Name("vol"), test::TestCall()).IgnoreError();
  }

  std::string Path(const std::string& below) const { return directory_.File(below); }
  void AddMount(const std::string& source, const std::string& target, const std::string& owner = "",
                const std::string& mode = "") {
    worker::v1::Mount& mount = *container_.add_mounts();
    mount.set_source(source);
    mount.set_target(target);
    mount.set_owner(owner);
    mount.set_mode(mode);
  }
  StepSpec Create() const {
    StepSpec spec;
    *spec.mutable_create_resources()->add_containers() = container_;
    return spec;
  }
  StepSpec Remove(const std::string& creator = "create") const {
    StepSpec spec;
    spec.mutable_remove_resources()->set_creating_step_id(Name(creator));
    return spec;
  }
  // Of another deployment than the test's: a check, or another environment.
  StepContext Elsewhere(const std::string& step) const {
    StepContext context = Context(step);
    context.key.set_environment("elsewhere");
    context.key.set_deployment_id(Name("elsewhere"));
    return context;
  }
  void Undo(const StepContext& context, const std::string& creator) {
    const auto outputs = Run(Remove(creator), context);
    ASSERT_TRUE(outputs.ok()) << outputs.status();
  }
  void WantOneOfEach() {
    container_.add_networks(Name("net"));
    AddMount(Path("data/media"), "/media", "0");
    AddMount(Name("vol"), "/vol");
  }
  // Whether all of those are there; none: nullopt where only some are.
  std::optional<bool> HaveOneOfEach() {
    const bool network = HasNetwork();
    const bool volume = *engine_.VolumeExists(Name("vol"), test::TestCall());
    if (network != volume || volume != std::filesystem::exists(Path("data/media"))) {
      return std::nullopt;
    }
    return network;
  }
  static struct stat Stat(const std::string& path) {
    struct stat found = {};
    EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
    return found;
  }
  bool HasNetwork() {
    const auto networks = *engine_.ListNetworks(test::TestCall());
    return std::find(networks.begin(), networks.end(), Name("net")) != networks.end();
  }

  ContainerSpec container_;

 private:
  void SetUp() override {
    StepsTest::SetUp();
    container_ = Spec();
  }
};

TEST_F(ResourceSteps, MakeWhatIsMissingAndOnlyThat) {
  container_.add_networks("bridge");
  container_.add_networks(Name("net"));
  AddMount(Path("data/media"), "/media", "1234:5678", "0750");
  AddMount(Name("vol"), "/vol");
  const auto outputs = Run(Create(), Context("create"));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(outputs->created().networks(), ::testing::ElementsAre(Name("net")));
  EXPECT_THAT(outputs->created().directories(),
              ::testing::ElementsAre(Path("data"), Path("data/media")));
  EXPECT_THAT(outputs->created().volumes(), ::testing::ElementsAre(Name("vol")));
  const struct stat media = Stat(Path("data/media"));
  EXPECT_EQ(media.st_uid, 1234u);
  EXPECT_EQ(media.st_gid, 5678u);
  EXPECT_EQ(media.st_mode & 07777, 0750u);
  EXPECT_EQ(Stat(Path("data")).st_uid, geteuid());

  const auto second = Run(Create(), Context("another"));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->created().ByteSizeLong(), 0u) << second->created().ShortDebugString();
}

TEST_F(ResourceSteps, GiveADirectoryToTheUserThatTheImageRunsAs) {
  const std::string image = ImageName("app");
  const auto id = test::ImportBusyboxImage(image, {}, {.changes = {"USER app"}});
  ASSERT_TRUE(id.ok()) << id.status();
  container_.set_image(*id);
  AddMount(Path("data"), "/data", "auto");
  ASSERT_TRUE(Run(Create(), Context("create")).ok());
  EXPECT_EQ(Stat(Path("data")).st_uid, 1000u);
  EXPECT_EQ(Stat(Path("data")).st_gid, 1000u);
}

TEST_F(ResourceSteps, SayThatTheUserDoesNotExist) {
  container_.set_user("nobody-here");
  AddMount(Path("data"), "/data", "auto");
  const v1::Failure failure = Fail(Create(), Context("create"));
  EXPECT_THAT(failure, HasCode(v1::VOLUME_UNUSABLE));
  EXPECT_THAT(failure, Shows("nobody-here"));
}

TEST_F(ResourceSteps, SayThatADirectoryCannotBeMade) {
  directory_.Write("file", "not a directory");
  AddMount(Path("file/data"), "/data", "0");
  EXPECT_THAT(Fail(Create(), Context("create")), HasCode(v1::VOLUME_UNUSABLE));
}

TEST_F(ResourceSteps, LeaveADirectoryThatExistsAsItIs) {
  std::filesystem::create_directory(Path("data"));
  ASSERT_EQ(chmod(Path("data").c_str(), 0700), 0);
  AddMount(Path("data"), "/data", "1234", "0755");
  ASSERT_TRUE(Run(Create(), Context("create")).ok());
  EXPECT_EQ(Stat(Path("data")).st_mode & 07777, 0700u);
  EXPECT_EQ(Stat(Path("data")).st_uid, geteuid());
}

TEST_F(ResourceSteps, RemoveWhatWasMadeEvenWhenItsOutcomeWasLost) {
  container_.add_networks(Name("net"));
  AddMount(Path("data/media/"), "/media", "0");
  AddMount(Name("vol"), "/vol");
  ASSERT_TRUE(Run(Create(), Context("create")).ok());
  ASSERT_TRUE(HasNetwork());
  for (int run = 0; run < 2; ++run) {
    const auto outputs = Run(Remove(), Context("remove"));
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    EXPECT_EQ(outputs->summary(), "all of it removed");
    EXPECT_FALSE(HasNetwork());
    EXPECT_FALSE(std::filesystem::exists(Path("data")));
    EXPECT_FALSE(*engine_.VolumeExists(Name("vol"), test::TestCall()));
  }
}

TEST_F(ResourceSteps, ClaimAfterARestartWhatTheFirstRunHasMade) {
  AddMount(Path("data/media"), "/media", "1234");
  worker::v1::CreatedResources promised;
  promised.add_directories(Path("data"));
  promised.add_directories(Path("data/media"));
  ASSERT_TRUE(CreatedRecords(directory_.path()).Write(Context("create").key, promised).ok());
  std::filesystem::create_directory(Path("data"));  // and then it was killed
  StepContext resumed = Context("create");
  resumed.resumed = true;
  const auto outputs = Run(Create(), resumed);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(outputs->created().directories(),
              ::testing::ElementsAre(Path("data"), Path("data/media")));
  EXPECT_EQ(Stat(Path("data/media")).st_uid, 1234u);
}

TEST_F(ResourceSteps, RemoveNothingThatIsInUseOrHoldsData) {
  container_.add_networks(Name("net"));
  AddMount(Path("data"), "/data", "0");
  AddMount(Name("vol"), "/vol");
  ASSERT_TRUE(Run(Create(), Context("create")).ok());
  directory_.Write("data/file", "precious");
  container_.clear_command();
  for (const char* word : {"/bin/sh", "-c", "echo precious > /vol/file; sleep 1000"}) {
    container_.add_command(word);
  }
  Start(Name("web"), container_);
  const auto outputs = Run(Remove(), Context("remove"));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(outputs->summary(), ::testing::HasSubstr(Path("data")));
  EXPECT_TRUE(HasNetwork());
  EXPECT_TRUE(std::filesystem::exists(Path("data/file")));
  EXPECT_TRUE(*engine_.VolumeExists(Name("vol"), test::TestCall()));
  ASSERT_TRUE(engine_.RemoveContainer(Name("web"), test::TestCall()).ok());
}

TEST_F(ResourceSteps, NeverRemoveData) {
  AddMount(Path("data"), "/data", "0");
  AddMount(Name("vol"), "/vol");
  ASSERT_TRUE(Run(Create(), Context("create")).ok());
  directory_.Write("data/file", "precious");
  container_.clear_command();
  for (const char* word : {"/bin/sh", "-c", "echo precious > /vol/file"}) {
    container_.add_command(word);
  }
  Start(Name("web"), container_);
  ASSERT_TRUE(WaitForState(Name("web"), "exited"));
  ASSERT_TRUE(engine_.RemoveContainer(Name("web"), test::TestCall()).ok());
  Undo(Context("remove"), "create");
  EXPECT_TRUE(std::filesystem::exists(Path("data/file")));
  EXPECT_TRUE(*engine_.VolumeExists(Name("vol"), test::TestCall()));
}

// Docker itself would let go of the network, and nobody asks it for the directory.
TEST_F(ResourceSteps, RemoveNothingThatAStoppedContainerNeeds) {
  WantOneOfEach();
  ASSERT_TRUE(Run(Create(), Context("create")).ok());
  const auto id = engine_.CreateContainer(Name("web"), container_, "no", test::TestCall());
  ASSERT_TRUE(id.ok()) << id.status();
  Undo(Context("remove"), "create");
  EXPECT_EQ(HaveOneOfEach(), true);
}

TEST_F(ResourceSteps, RemoveWhatOnlyAnEndedOneOffOfTheDeploymentStillMounts) {
  AddMount(Path("data"), "/data", "0");
  ASSERT_TRUE(Run(Create(), Context("create")).ok());
  (*container_.mutable_labels())["davit.one-off"] = directory_.path();
  (*container_.mutable_labels())["davit.deployment"] = Context("create").key.deployment_id();
  ASSERT_TRUE(engine_.CreateContainer(Name("check"), container_, "no", test::TestCall()).ok());
  Undo(Context("remove"), "create");
  EXPECT_FALSE(std::filesystem::exists(Path("data")));
}

TEST_F(ResourceSteps, KeepForADeploymentWhatACheckHasMadeAndUndoes) {
  WantOneOfEach();
  ASSERT_TRUE(Run(Create(), Elsewhere("check")).ok());
  const auto second = Run(Create(), Context("create"));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->created().ByteSizeLong(), 0u) << "it has made nothing";
  Undo(Elsewhere("undo-check"), "check");
  EXPECT_EQ(HaveOneOfEach(), true);
  Undo(Context("remove"), "create");
  EXPECT_EQ(HaveOneOfEach(), false) << "the last one has it to itself";
}

TEST_F(ResourceSteps, KeepForWhoMadeItWhatTheOtherUndoesFirst) {
  WantOneOfEach();
  ASSERT_TRUE(Run(Create(), Context("create")).ok());
  ASSERT_TRUE(Run(Create(), Elsewhere("later")).ok());
  Undo(Elsewhere("undo-later"), "later");
  EXPECT_EQ(HaveOneOfEach(), true);
  Undo(Context("remove"), "create");
  EXPECT_EQ(HaveOneOfEach(), false);
}

// The containers are not even needed for it: they may be between two releases.
TEST_F(ResourceSteps, KeepForGoodWhatADeploymentThatHasSucceededShares) {
  WantOneOfEach();
  ASSERT_TRUE(Run(Create(), Elsewhere("check")).ok());
  ASSERT_TRUE(Run(Create(), Context("create")).ok());
  StepSpec prune;
  prune.mutable_prune();
  ASSERT_TRUE(Run(prune, Context("prune")).ok());
  Undo(Elsewhere("undo-check"), "check");
  EXPECT_EQ(HaveOneOfEach(), true);
}

TEST_F(ResourceSteps, RemoveOnlyWhatIsInTheRecord) {
  AddMount(Path("data"), "/data", "0");
  const auto outputs = Run(Create(), Context("create"));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  Undo(Context("remove"), "create");
  std::filesystem::create_directory(Path("data"));  // somebody else's, by now
  StepSpec again = Remove();
  *again.mutable_remove_resources()->mutable_created() = outputs->created();
  ASSERT_TRUE(Run(again, Context("remove")).ok());
  EXPECT_TRUE(std::filesystem::exists(Path("data")));
}

TEST_F(ResourceSteps, OfManyThatComeAndGoAtTheSameTimeNoneLosesItsDirectory) {
  AddMount(Path("data/media"), "/media", "0");
  const auto come_and_go = [this](const StepContext& context) {
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(runners_.at(StepSpec::kCreateResources)->Run(Create(), context, reporter_).ok());
      EXPECT_TRUE(std::filesystem::exists(Path("data/media")));
      StepSpec undo;
      undo.mutable_remove_resources()->set_creating_step_id(context.key.step_id());
      ASSERT_TRUE(runners_.at(StepSpec::kRemoveResources)->Run(undo, context, reporter_).ok());
    }
  };
  std::thread check([&] { come_and_go(Elsewhere("check")); });
  come_and_go(Context("create"));
  check.join();
  EXPECT_FALSE(std::filesystem::exists(Path("data")));
}

// So it is for a worker that does not see the engine's file system.
TEST_F(ResourceSteps, KeepAVolumeThatCannotBeLookedInto) {
  AddMount(Name("vol"), "/vol");
  ASSERT_TRUE(Run(Create(), Context("create")).ok());
  const auto info = engine_.Info(test::TestCall());
  ASSERT_TRUE(info.ok()) << info.status();
  std::filesystem::remove(std::filesystem::path(info->data_root) / "volumes" / Name("vol") /
                          "_data");
  const auto outputs = Run(Remove(), Context("remove"));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(outputs->summary(), ::testing::HasSubstr("volume " + Name("vol")));
  EXPECT_TRUE(*engine_.VolumeExists(Name("vol"), test::TestCall()));
}

}  // namespace
}  // namespace davit::steps
