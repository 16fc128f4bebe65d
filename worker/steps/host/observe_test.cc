#include <filesystem>

#include "absl/cleanup/cleanup.h"
#include "worker/steps/testing/steps_fixture.h"

namespace davit::steps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using worker::v1::ContainerSpec;
using worker::v1::ObservedContainer;
using worker::v1::ObservedSettings;
using worker::v1::StepSpec;

class ObserveTest : public StepsTest {
 protected:
  // What is said of the container, whose settings are asked for.
  ObservedContainer Observed(const std::string& name) {
    StepSpec observe;
    observe.mutable_observe()->add_settings_of(name);
    const auto outputs = Run(observe);
    EXPECT_TRUE(outputs.ok()) << outputs.status();
    if (!outputs.ok()) return {};
    for (const ObservedContainer& container : outputs->observe().containers()) {
      if (container.name() == name) return container;
    }
    ADD_FAILURE() << name << " was not observed";
    return {};
  }
  // One of an image that has settings of its own.
  ContainerSpec OfImage() {
    const std::string reference = ImageName("own");
    const auto image = test::ImportBusyboxImage(
        reference, {"/bin/sleep", "1000"},
        {.changes = {"ENV MODE=production", "ENV TZ=UTC", "USER 1000", "ENTRYPOINT [\"/bin/sh\"]",
                     "CMD [\"-c\", \"sleep 1000\"]"}});
    EXPECT_TRUE(image.ok()) << image.status();
    ContainerSpec spec = Spec({});
    spec.set_image(image.value_or(""));
    return spec;
  }
};

TEST_F(ObserveTest, TellsHowAContainerWasMadeThatDavitDidNotStart) {
  ContainerSpec spec = OfImage();
  (*spec.mutable_env())["DB_PASS"] = "s3cret";
  (*spec.mutable_env())["MODE"] = "test";  // over the image's
  (*spec.mutable_env())["TZ"] = "UTC";     // as the image has it
  spec.set_user("0");
  spec.add_entrypoint("/bin/sleep");
  spec.add_command("999");
  spec.set_memory_limit_bytes(64 << 20);
  spec.set_nano_cpus(500'000'000);
  const std::string volume = Name("volume");
  const absl::Cleanup remove = [&] { (void)engine_.RemoveVolume(volume, test::TestCall()); };
  for (const auto& [source, target] : {std::pair{directory_.path(), "/data"}, {volume, "/cache"}}) {
    spec.add_mounts()->set_source(source);
    spec.mutable_mounts()->rbegin()->set_target(target);
  }
  spec.mutable_mounts(0)->set_read_only(true);
  const absl::Cleanup remove_container = [&] {
    (void)engine_.RemoveContainer(Name("by-hand"), test::TestCall());
  };
  Start(Name("by-hand"), spec);
  const ObservedContainer observed = Observed(Name("by-hand"));
  const ObservedSettings& settings = observed.settings();
  EXPECT_THAT(settings.env_names(), ElementsAre("DB_PASS", "MODE"));
  ASSERT_EQ(settings.mounts_size(), 2);
  EXPECT_EQ(settings.mounts(0).source(), volume);
  EXPECT_EQ(settings.mounts(0).target(), "/cache");
  EXPECT_FALSE(settings.mounts(0).read_only());
  EXPECT_EQ(settings.mounts(1).source(), directory_.path());
  EXPECT_TRUE(settings.mounts(1).read_only());
  EXPECT_EQ(settings.user(), "0");
  EXPECT_THAT(settings.entrypoint(), ElementsAre("/bin/sleep"));
  EXPECT_THAT(settings.command(), ElementsAre("999"));
  EXPECT_EQ(settings.memory_limit_bytes(), 64 << 20);
  EXPECT_EQ(settings.nano_cpus(), 500'000'000);
  EXPECT_EQ(settings.networks_size(), 0) << "the default bridge is nobody's choice";
  EXPECT_THAT(observed.DebugString(), Not(HasSubstr("s3cret")));
}

TEST_F(ObserveTest, LeavesOutWhatIsTheImagesOwn) {
  Start(Name("plain"), OfImage());
  const ObservedContainer plain = Observed(Name("plain"));
  EXPECT_TRUE(plain.has_settings());
  EXPECT_EQ(plain.settings().ByteSizeLong(), 0u) << plain.settings().DebugString();
}

TEST_F(ObserveTest, NamesTheNetworksThatItJoined) {
  ASSERT_TRUE(engine_.CreateNetwork(Name("net"), {}, test::TestCall()).ok());
  const absl::Cleanup remove = [&] {
    (void)engine_.RemoveContainer(Name("joined"), test::TestCall());
    (void)engine_.RemoveNetwork(Name("net"), test::TestCall());
  };
  ContainerSpec spec = Spec();
  spec.add_networks(Name("net"));
  Start(Name("joined"), spec);
  EXPECT_THAT(Observed(Name("joined")).settings().networks(), ElementsAre(Name("net")));
}

TEST_F(ObserveTest, TellsNothingOfDavitsOwnNorOfWhatNobodyAskedFor) {
  ContainerSpec ours = Spec();
  (*ours.mutable_labels())["davit.app"] = "web";
  Start(Name("ours"), ours);
  EXPECT_FALSE(Observed(Name("ours")).has_settings());
  Start(Name("other"), Spec());
  StepSpec observe;
  observe.mutable_observe();
  const auto outputs = Run(observe);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  for (const ObservedContainer& container : outputs->observe().containers()) {
    EXPECT_FALSE(container.has_settings());
  }
}

}  // namespace
}  // namespace davit::steps
