#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "absl/cleanup/cleanup.h"
#include "tests/support/process.h"
#include "worker/steps/testing/steps_fixture.h"

namespace davit::steps {
namespace {

using ::testing::HasSubstr;
using worker::v1::ContainerSpec;
using worker::v1::StepSpec;

// Images of users other than root, with what root has left on the host.
class AccessTest : public StepsTest {
 protected:
  void SetUp() override {
    StepsTest::SetUp();
    ASSERT_EQ(geteuid(), 0u) << "only root can leave what nobody else may read";
  }

  // A container of an image with these lines in its Dockerfile.
  ContainerSpec Of(const std::string& name, const test::ImageExtras& extras) {
    const auto id = test::ImportBusyboxImage(ImageName(name), {"/bin/sleep", "1000"}, extras);
    EXPECT_TRUE(id.ok()) << id.status();
    ContainerSpec spec = Spec();
    spec.set_image(id.value_or(""));
    return spec;
  }
  ContainerSpec As(const std::string& user) {
    return Of(absl::StrCat("user", ++users_), {.changes = {absl::StrCat("USER ", user)}});
  }
  // A directory of root's on the host.
  std::string Directory(const std::string& name, mode_t mode = 0755) const {
    const std::string path = directory_.File(name);
    std::filesystem::create_directory(path);
    chmod(path.c_str(), mode);
    return path;
  }
  std::string File(const std::string& name, mode_t mode = 0600) const {
    const std::string path = directory_.Write(name, "text");
    chmod(path.c_str(), mode);
    return path;
  }
  static void Mount(ContainerSpec& container, const std::string& source, const std::string& target,
                    bool read_only = false) {
    worker::v1::Mount& mount = *container.add_mounts();
    mount.set_source(source);
    mount.set_target(target);
    mount.set_read_only(read_only);
  }
  static StepSpec Preflight(const std::vector<ContainerSpec>& containers) {
    StepSpec spec;
    for (const ContainerSpec& container : containers) {
      *spec.mutable_preflight()->add_containers() = container;
    }
    return spec;
  }
  std::string Summary(const std::vector<ContainerSpec>& containers) {
    const auto outputs = Run(Preflight(containers));
    EXPECT_TRUE(outputs.ok()) << outputs.status();
    return outputs.ok() ? outputs->summary() : "";
  }
  // Containers that readers and probes of this test have left.
  int Left() const {
    const auto left =
        engine_.ListContainers({{"davit.reader", directory_.path()}}, test::TestCall());
    EXPECT_TRUE(left.ok()) << left.status();
    return left.ok() ? static_cast<int>(left->size()) : -1;
  }

  int users_ = 0;
};

TEST_F(AccessTest, FindsTheFileAndTheVolumeThatRootHasLeft) {
  ContainerSpec app = As("1000");
  const std::string file = File("env"), media = Directory("media");
  Mount(app, file, "/app/.env", /*read_only=*/true);
  Mount(app, media, "/app/media");
  const v1::Failure failure = Fail(Preflight({app}));
  EXPECT_THAT(failure, HasCode(v1::FILE_UNREADABLE));
  for (const std::string& fact :
       {std::string("FILE_UNREADABLE: "), std::string("VOLUME_UNWRITABLE: "),
        std::string("in the container: /app/.env"), "on the host: " + file,
        std::string("it runs as: UID 1000, GID "), std::string("there: file, owner 0:0, mode 0600"),
        std::string("there: directory, owner 0:0, mode 0755"),
        absl::StrCat("next: `chown 1000:1000 ", file, "`"),
        absl::StrCat("next: `chown 1000:1000 ", media, "`, with -R")}) {
    EXPECT_THAT(failure, Shows(fact));
  }
  EXPECT_EQ(Left(), 0);
  EXPECT_TRUE(std::filesystem::is_empty(media));

  ASSERT_EQ(chown(file.c_str(), 1000, 1000), 0);
  ASSERT_EQ(chown(media.c_str(), 1000, 1000), 0);
  EXPECT_THAT(Summary({app}), HasSubstr("UID 1000, GID 1000 and has access to its 2 mounts"));
  EXPECT_TRUE(std::filesystem::is_empty(media));
}

TEST_F(AccessTest, SaysWhomANameMeans) {
  ContainerSpec app = As("app");
  Mount(app, Directory("data"), "/data");
  const v1::Failure failure = Fail(Preflight({app}));
  EXPECT_THAT(failure, HasCode(v1::VOLUME_UNWRITABLE));
  EXPECT_THAT(failure, Shows("UID 1000 (app), GID 1000"));
}

TEST_F(AccessTest, RunsAsTheContainersUserWhereItHasOne) {
  ContainerSpec app = As("app");
  app.set_user("2000:3000");
  const std::string data = Directory("data");
  Mount(app, data, "/data");
  EXPECT_THAT(Fail(Preflight({app})), Shows("UID 2000, GID 3000"));
  ASSERT_EQ(chown(data.c_str(), 4000, 3000), 0);
  ASSERT_EQ(chmod(data.c_str(), 0770), 0);
  EXPECT_THAT(Summary({app}), HasSubstr("1 mount"));
}

TEST_F(AccessTest, NeedsNothingOfTheImage) {
  // One static program and nothing else: no shell, no passwd, a root that cannot be written.
  ContainerSpec app =
      Of("scratch", {.changes = {"USER 1000", "ENTRYPOINT [\"/nothing\"]"}, .bare = true});
  app.set_read_only(true);
  app.clear_command();
  const std::string data = Directory("data");
  Mount(app, data, "/data");
  Mount(app, File("config", 0644), "/etc/config", /*read_only=*/true);
  EXPECT_THAT(Fail(Preflight({app})), HasCode(v1::VOLUME_UNWRITABLE));
  ASSERT_EQ(chown(data.c_str(), 1000, 0), 0);
  EXPECT_THAT(Summary({app}), HasSubstr("UID 1000, GID 0 and has access to its 2 mounts"));
}

TEST_F(AccessTest, TakesAUserThatTheImageDoesNotKnow) {
  ContainerSpec app = As("4711");
  Mount(app, Directory("open", 0777), "/data");
  EXPECT_THAT(Summary({app}), HasSubstr("UID 4711, GID 0"));
}

TEST_F(AccessTest, NamesAUserNameThatTheImageDoesNotHave) {
  ContainerSpec app = As("nobody-knows");
  Mount(app, Directory("open", 0777), "/data");
  const v1::Failure failure = Fail(Preflight({app}));
  EXPECT_THAT(failure, HasCode(v1::CONTAINER_REFUSED));
  EXPECT_THAT(failure.message(), HasSubstr(app.service_name()));
}

TEST_F(AccessTest, OnlyReadsWhatIsMountedReadOnly) {
  ContainerSpec app = As("1000");
  Mount(app, Directory("data"), "/data", /*read_only=*/true);
  EXPECT_THAT(Summary({app}), HasSubstr("1 mount"));
  Mount(app, Directory("closed", 0700), "/closed", /*read_only=*/true);
  const v1::Failure failure = Fail(Preflight({app}));
  EXPECT_THAT(failure, HasCode(v1::FILE_UNREADABLE));
  EXPECT_THAT(failure.message(), HasSubstr("the directory /closed"));
}

TEST_F(AccessTest, LeavesWhatDoesNotExistYetToThoseWhoMakeIt) {
  ContainerSpec app = As("1000");
  Mount(app, directory_.File("made/later"), "/data");
  EXPECT_TRUE(Run(Preflight({app})).ok());
  EXPECT_FALSE(std::filesystem::exists(directory_.File("made")));
}

TEST_F(AccessTest, FindsThatADeclaredOwnerWouldKeepTheUserOut) {
  ContainerSpec app = As("1000");
  Mount(app, directory_.File("later"), "/data");
  worker::v1::Mount& mount = *app.mutable_mounts(0);
  mount.set_owner("0:0");
  mount.set_mode("0755");
  const v1::Failure failure = Fail(Preflight({app}));
  EXPECT_THAT(failure, HasCode(v1::VOLUME_UNWRITABLE));
  EXPECT_THAT(failure, Shows("declared: owner 0:0, mode 0755"));
  EXPECT_THAT(failure.next_command(), HasSubstr("owner: \"1000:1000\""));
  mount.set_owner("0:1000");
  EXPECT_THAT(Fail(Preflight({app})), HasCode(v1::VOLUME_UNWRITABLE));
  mount.set_mode("0775");
  EXPECT_TRUE(Run(Preflight({app})).ok()) << "its group may write";
  EXPECT_FALSE(std::filesystem::exists(directory_.File("later")));
}

TEST_F(AccessTest, TellsWhomANewVolumeWillBelongTo) {
  const std::string volume = Name("volume");
  ContainerSpec app = As("1000");
  Mount(app, volume, "/app/media");
  const v1::Failure failure = Fail(Preflight({app}));
  EXPECT_THAT(failure, HasCode(v1::VOLUME_UNWRITABLE));
  EXPECT_THAT(failure, Shows("which is new"));
  EXPECT_THAT(failure.next_command(), HasSubstr("chown 1000:1000 /app/media"));

  app.mutable_mounts(0)->set_target("/tmp");  // mode 1777 in the image
  EXPECT_THAT(Summary({app}), HasSubstr("1 mount"));
  const auto exists = engine_.VolumeExists(volume, test::TestCall());
  EXPECT_TRUE(exists.ok() && !*exists) << "probing makes none";
}

TEST_F(AccessTest, NamesTheCommandThatMendsAVolume) {
  const std::string volume = Name("volume");
  ASSERT_TRUE(engine_.CreateVolume(volume, {}, test::TestCall()).ok());
  const absl::Cleanup remove = [&] { (void)engine_.RemoveVolume(volume, test::TestCall()); };
  ContainerSpec app = As("1000");
  Mount(app, volume, "/app/media");
  const v1::Failure failure = Fail(Preflight({app}));
  EXPECT_THAT(failure, HasCode(v1::VOLUME_UNWRITABLE));
  EXPECT_THAT(failure, Shows("volume: " + volume));
  const size_t begin = failure.next_command().find('`') + 1;
  ASSERT_TRUE(test::RunProgram(
                  {"sh", "-c",
                   failure.next_command().substr(begin, failure.next_command().rfind('`') - begin)})
                  .ok())
      << failure.next_command();
  EXPECT_THAT(Summary({app}), HasSubstr("1 mount"));
}

TEST_F(AccessTest, NamesTheDirectoryOfTheImageThatDenies) {
  ContainerSpec app = Of("wall", {.changes = {"USER 1000"}, .closed = {"srv"}});
  Mount(app, Directory("open", 0777), "/srv/data");
  const v1::Failure failure = Fail(Preflight({app}));
  EXPECT_THAT(failure, HasCode(v1::VOLUME_UNWRITABLE));
  EXPECT_THAT(failure, Shows("denied by: /srv, owner 0:0, mode 0700"));
  EXPECT_THAT(failure.next_command(), HasSubstr("RUN chmod o+x /srv"));
}

TEST_F(AccessTest, ReadsTheReleasesFiles) {
  ContainerSpec app = As("1000");
  app.set_files_directory("shop/dev/web/1");
  worker::v1::ReleaseFile& file = *app.add_files();
  file.set_name("0.env");
  file.set_target("/app/.env");
  std::filesystem::create_directories(directory_.File("files/shop/dev/web/1"));
  const std::string path = File("files/shop/dev/web/1/0.env");
  const v1::Failure failure = Fail(Preflight({app}));
  EXPECT_THAT(failure, HasCode(v1::FILE_UNREADABLE));
  EXPECT_THAT(failure.next_command(), HasSubstr("owner: auto"));
  ASSERT_EQ(chown(path.c_str(), 1000, 1000), 0);
  EXPECT_THAT(Summary({app}), HasSubstr("1 mount"));
}

TEST_F(AccessTest, SaysThatAFileIsMountedOnADirectoryOfTheImage) {
  ContainerSpec app = As("1000");
  Mount(app, File("settings", 0644), "/tmp", /*read_only=*/true);
  const v1::Failure failure = Fail(Preflight({app}));
  EXPECT_THAT(failure, HasCode(v1::VOLUME_UNUSABLE));
  EXPECT_THAT(failure.message(), HasSubstr(app.service_name() + " cannot mount anything at /tmp"));
  EXPECT_THAT(failure.next_command(), HasSubstr("correct the `target`"));
}

TEST_F(AccessTest, GivesNothingAwayThatIsTheHostsOwn) {
  ContainerSpec app = As("1000");
  Mount(app, "/etc", "/host/etc");
  Mount(app, test::DockerSocket(), "/host/docker.sock");
  const v1::Failure failure = Fail(Preflight({app}));
  EXPECT_THAT(failure, HasCode(v1::VOLUME_UNWRITABLE));
  EXPECT_THAT(failure, Shows("next: say `read_only: true` for /host/etc"));
  EXPECT_THAT(failure.DebugString(), ::testing::Not(HasSubstr("chown")));
}

TEST_F(AccessTest, SaysThatAnImageRunsAsRoot) {
  ContainerSpec app = Spec();
  EXPECT_THAT(Summary({app}), HasSubstr(app.service_name() + " runs as root"));
  Mount(app, Directory("data", 0700), "/data");
  EXPECT_THAT(Summary({app}), HasSubstr("runs as root and has access to its 1 mount"));
}

TEST_F(AccessTest, HasTheCapabilitiesOfTheContainer) {
  ContainerSpec app = Spec();
  const std::string data = Directory("data", 0700);
  ASSERT_EQ(chown(data.c_str(), 1000, 1000), 0);
  Mount(app, data, "/data");
  app.add_cap_drop("ALL");
  EXPECT_THAT(Fail(Preflight({app})), HasCode(v1::VOLUME_UNWRITABLE));
}

TEST_F(AccessTest, LooksAtAllAppsAtOnce) {
  std::vector<ContainerSpec> apps;
  for (int i = 0; i < 3; ++i) {
    apps.push_back(As("1000"));
    apps.back().set_service_name(Name(absl::StrCat("app", i)));
    Mount(apps.back(), Directory(absl::StrCat("data", i)), "/data");
  }
  const v1::Failure failure = Fail(Preflight(apps));
  EXPECT_EQ(failure.parts_size(), 3);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(failure, Shows(Name(absl::StrCat("app", i))));
  EXPECT_EQ(Left(), 0);
}

TEST_F(AccessTest, SweepsAwayWhatAKilledWorkerLeft) {
  ContainerSpec left = Spec();
  (*left.mutable_labels())["davit.reader"] = directory_.path();
  (*left.mutable_labels())["davit.reader.process"] = "one that is no more";
  Start(absl::StrCat("davit-reader-", Name("left")), left);
  EXPECT_TRUE(Run(Preflight({Spec()})).ok());
  EXPECT_EQ(Left(), 0);
}

}  // namespace
}  // namespace davit::steps
