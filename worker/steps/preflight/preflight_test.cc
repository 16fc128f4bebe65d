#include <sys/mount.h>

#include <filesystem>

#include "tests/support/listener.h"
#include "tests/support/process.h"
#include "worker/steps/testing/steps_fixture.h"

namespace davit::steps {
namespace {

using worker::v1::ContainerSpec;
using worker::v1::StepSpec;

class PreflightTest : public StepsTest {
 protected:
  static void Publish(ContainerSpec& container, int host_port) {
    worker::v1::PortBinding& port = *container.add_ports();
    port.set_host_port(host_port);
    port.set_container_port(80);
    port.set_protocol("tcp");
  }
  static void Mount(ContainerSpec& container, const std::string& source) {
    container.add_mounts()->set_source(source);
    container.mutable_mounts()->rbegin()->set_target(
        absl::StrCat("/data", container.mounts_size()));
  }
  static StepSpec Preflight(const std::vector<ContainerSpec>& containers,
                            const std::vector<std::string>& replaced = {}) {
    StepSpec spec;
    spec.mutable_preflight();
    for (const ContainerSpec& container : containers) {
      *spec.mutable_preflight()->add_containers() = container;
    }
    for (const std::string& id : replaced) spec.mutable_preflight()->add_replaced_container_ids(id);
    return spec;
  }
};

TEST_F(PreflightTest, FindsNothingWrong) {
  ContainerSpec container = Spec();
  Publish(container, test::FreePort());
  Mount(container, directory_.File("made/later"));
  Mount(container, directory_.path());
  Mount(container, directory_.Write("file", ""));
  Mount(container, test::DockerSocket());
  Mount(container, "volume");
  const auto outputs = Run(Preflight({container}));
  EXPECT_TRUE(outputs.ok()) << outputs.status();
}

TEST_F(PreflightTest, NamesTheContainerThatHasThePort) {
  ContainerSpec container = Spec();
  Publish(container, test::FreePort());
  const std::string id = Start(Name("other"), container);
  const v1::Failure failure = Fail(Preflight({container}));
  EXPECT_THAT(failure, HasCode(v1::PORT_IN_USE));
  EXPECT_THAT(failure, Shows(absl::StrCat("container ", Name("other"))));
  EXPECT_TRUE(Run(Preflight({container}, {id})).ok()) << "it will have been stopped";
}

TEST_F(PreflightTest, NamesTheAppThatHasThePort) {
  ContainerSpec container = Spec();
  Publish(container, test::FreePort());
  ContainerSpec other = container;
  (*other.mutable_labels())["davit.project"] = "blog";
  (*other.mutable_labels())["davit.environment"] = "staging";
  (*other.mutable_labels())["davit.app"] = "api";
  Start(Name("other"), other);
  const v1::Failure failure = Fail(Preflight({container}));
  EXPECT_THAT(failure, HasCode(v1::PORT_IN_USE));
  EXPECT_THAT(failure,
              Shows(absl::StrCat("app api of blog in staging: container ", Name("other"))));
}

TEST_F(PreflightTest, SaysHowAContainerGoesWhoseAppWasRenamed) {
  ContainerSpec container = Spec();
  Publish(container, test::FreePort());
  ContainerSpec before = container;
  const StepContext context = Context("step");
  (*before.mutable_labels())["davit.project"] = context.key.project();
  (*before.mutable_labels())["davit.environment"] = context.key.environment();
  (*before.mutable_labels())["davit.app"] = "old";
  Start(Name("before"), before);
  StepSpec preflight = Preflight({container});
  preflight.mutable_preflight()->add_declared_apps("new");
  const v1::Failure failure = Fail(preflight);
  EXPECT_THAT(failure, HasCode(v1::PORT_IN_USE));
  EXPECT_THAT(failure, Shows("app old of "));
  EXPECT_THAT(failure.likely_cause(), testing::HasSubstr("davit.yaml has no app old any more"));
  EXPECT_THAT(failure.next_command(),
              testing::HasSubstr(absl::StrCat("`docker rm -f ", Name("before"), "`")));
  preflight.mutable_preflight()->add_declared_apps("old");
  EXPECT_THAT(Fail(preflight).next_command(), testing::Not(testing::HasSubstr("docker rm")));
}

TEST_F(PreflightTest, RefusesAPathThatIsMountedTwice) {
  ContainerSpec container = Spec();
  Mount(container, directory_.path());
  Mount(container, directory_.path());
  container.mutable_mounts(1)->set_target(container.mounts(0).target());
  const v1::Failure failure = Fail(Preflight({container}));
  EXPECT_THAT(failure, HasCode(v1::CONTAINER_REFUSED));
  EXPECT_THAT(failure, Shows("Duplicate mount point"));
}

TEST_F(PreflightTest, NamesTheProcessThatHasThePort) {
  const test::SilentListener listener;
  ContainerSpec container = Spec();
  Publish(container, listener.port());
  const v1::Failure failure = Fail(Preflight({container}));
  EXPECT_THAT(failure, HasCode(v1::PORT_IN_USE));
  EXPECT_EQ(failure.parts_size(), 0) << "one finding is the failure itself";
  EXPECT_THAT(failure, Shows(absl::StrCat("(process ", getpid(), ") listens on")));
}

TEST_F(PreflightTest, SeesAPortThatIsWantedTwice) {
  ContainerSpec web = Spec(), api = Spec();
  api.set_service_name(Name("api"));
  const int port = test::FreePort();
  Publish(web, port);
  Publish(api, port);
  const v1::Failure failure = Fail(Preflight({web, api}));
  EXPECT_THAT(failure, HasCode(v1::PORT_IN_USE));
  EXPECT_THAT(failure, Shows(Name("api")));
}

TEST_F(PreflightTest, SeesAnAddressThatTheHostDoesNotHave) {
  ContainerSpec container = Spec();
  Publish(container, test::FreePort());
  container.mutable_ports(0)->set_host_ip("192.0.2.1");
  EXPECT_THAT(Fail(Preflight({container})), HasCode(v1::CONTAINER_REFUSED));
}

TEST_F(PreflightTest, SeesANameThatIsTaken) {
  const std::string kept =
      absl::StrCat(Name("web"), "-replaced-", Context("step").key.deployment_id());
  const std::string id = Start(kept, Spec());
  const v1::Failure failure = Fail(Preflight({Spec()}, {id}));
  EXPECT_THAT(failure, HasCode(v1::NAME_IN_USE));
  EXPECT_THAT(failure, Shows(kept));

  ASSERT_TRUE(engine_.RenameContainer(id, Name("web"), test::TestCall()).ok());
  EXPECT_TRUE(Run(Preflight({Spec()}, {id})).ok());
  EXPECT_THAT(Fail(Preflight({Spec()})), HasCode(v1::NAME_IN_USE));
}

TEST_F(PreflightTest, SaysEverythingAtOnce) {
  const test::SilentListener listener;
  ContainerSpec container = Spec();
  Publish(container, listener.port());
  container.set_image("sha256:" + std::string(64, '0'));
  directory_.Write("file", "");
  Mount(container, directory_.File("file/below"));
  const v1::Failure failure = Fail(Preflight({container}));
  EXPECT_THAT(failure, HasCode(v1::PORT_IN_USE));
  for (const char* code : {"PORT_IN_USE: ", "IMAGE_NOT_FOUND: ", "VOLUME_UNUSABLE: "}) {
    EXPECT_THAT(failure, Shows(code));
  }
  ASSERT_EQ(failure.parts_size(), 3);
  EXPECT_EQ(failure.message(), failure.parts(0).message());
  EXPECT_THAT(failure.parts(0), HasCode(v1::PORT_IN_USE));
  EXPECT_THAT(failure.parts(0), Shows("listens on"));
  EXPECT_THAT(failure.parts(1), HasCode(v1::IMAGE_NOT_FOUND));
  EXPECT_THAT(failure.parts(2), HasCode(v1::VOLUME_UNUSABLE));
  for (const v1::Failure& part : failure.parts()) {
    EXPECT_NE(part.message(), "");
    EXPECT_NE(part.next_command(), "");
    EXPECT_EQ(part.parts_size(), 0);
  }
}

TEST_F(PreflightTest, SeesAnImageForAnotherPlatform) {
  const std::string other =
      engine_.Info(test::TestCall())->architecture == "amd64" ? "linux/arm64" : "linux/amd64";
  const std::string reference = ImageName("arm");
  const auto id = test::ImportBusyboxImage(reference, {}, {.platform = other});
  ASSERT_TRUE(id.ok()) << id.status();
  ContainerSpec container = Spec();
  container.set_image(*id);
  EXPECT_THAT(Fail(Preflight({container})), HasCode(v1::IMAGE_WRONG_PLATFORM));
}

// A small disk, and an engine in a network of its own that keeps its data there.
class SmallDisk {
 public:
  SmallDisk() {
    std::filesystem::create_directory(data());
    mounted_ = mount("tmpfs", data().c_str(), "tmpfs", 0, "size=64m") == 0;
  }
  ~SmallDisk() {
    process_.reset();
    // The engine leaves mounts of its own below.
    if (mounted_) umount2(data().c_str(), MNT_DETACH);
  }
  std::string data() const { return directory_.File("data"); }
  std::string socket() const { return directory_.File("docker.sock"); }

  bool StartEngine() {
    auto process = test::Process::Start(
        {"unshare", "--net", "dockerd", "--data-root", data(), "--exec-root",
         directory_.File("exec"), "--pidfile", directory_.File("pid"), "-H",
         absl::StrCat("unix://", socket()), "--iptables=false", "--bridge=none"},
        directory_.File("log"));
    if (!process.ok()) return false;
    process_ = *std::move(process);
    docker::Engine engine(socket());
    const Call call = test::TestCall();
    while (!engine.Info(call).ok()) {
      if (!call.Wait(absl::Milliseconds(100)).ok() || !process_->Running()) return false;
    }
    return true;
  }

 private:
  const test::TempDir directory_;
  bool mounted_ = false;
  std::unique_ptr<test::Process> process_;
};

TEST_F(PreflightTest, SeesThatTheDiskIsFull) {
  ASSERT_EQ(geteuid(), 0u) << "only root can mount a small disk";
  SmallDisk disk;
  ASSERT_TRUE(disk.StartEngine());
  docker::Engine engine(disk.socket());
  environment_.engine = &engine;
  runners_ = MakeRunners(environment_);
  const v1::Failure failure = Fail(Preflight({}));
  EXPECT_THAT(failure, HasCode(v1::DISK_FULL));
  EXPECT_THAT(failure, Shows(disk.data()));
}

}  // namespace
}  // namespace davit::steps
