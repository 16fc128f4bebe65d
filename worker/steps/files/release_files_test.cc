// The files of releases on disk, without an engine; and what containers are given.
#include "worker/steps/files/release_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "tests/support/temp_dir.h"
#include "worker/steps/container/inputs.h"
#include "worker/steps/files/directory_walk.h"

namespace davit::steps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using worker::v1::ContainerSpec;

constexpr char kDirectory[] = "shop/dev/web/7";

class ReleaseFilesTest : public ::testing::Test {
 protected:
  std::string At(const std::string& path) const {
    return directory_.File(absl::StrCat("files/", path));
  }
  static std::string Text(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  static struct stat Stat(const std::string& path) {
    struct stat found = {};
    EXPECT_EQ(lstat(path.c_str(), &found), 0) << path;
    return found;
  }
  static mode_t ModeOf(const std::string& path) { return Stat(path).st_mode & 07777; }
  static std::vector<std::string> Names(const std::string& path) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  RenderedFile File(const std::string& name, const std::string& content, mode_t mode = 0400) const {
    return {.name = name, .content = content, .owner = {geteuid(), getegid()}, .mode = mode};
  }

  const test::TempDir directory_;
  const ReleaseFiles files_{directory_.path()};
};

TEST_F(ReleaseFilesTest, HaveTheirModesWhateverTheUmask) {
  const mode_t before = umask(0777);
  const absl::Status status =
      files_.Write(kDirectory, {File("0-.env", "A=1\n"), File("1-app.js", "x", 04755)});
  umask(before);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Text(At("shop/dev/web/7/0-.env")), "A=1\n");
  EXPECT_EQ(ModeOf(At("shop/dev/web/7/0-.env")), 0400u);
  EXPECT_EQ(ModeOf(At("shop/dev/web/7/1-app.js")), 04755u);
  for (const char* path : {"", "shop", "shop/dev", "shop/dev/web", "shop/dev/web/7"}) {
    EXPECT_EQ(ModeOf(At(path)), 0711u) << path;
  }
}

TEST_F(ReleaseFilesTest, HaveTheirOwners) {
  ASSERT_EQ(geteuid(), 0u) << "only root gives files away";
  RenderedFile file = File("0-.env", "A=1\n");
  file.owner = {1000, 1001};
  ASSERT_TRUE(files_.Write(kDirectory, {file}).ok());
  EXPECT_EQ(Stat(At("shop/dev/web/7/0-.env")).st_uid, 1000u);
  EXPECT_EQ(Stat(At("shop/dev/web/7/0-.env")).st_gid, 1001u);
}

TEST_F(ReleaseFilesTest, ReplaceWhatAnEarlierTryHasWritten) {
  ASSERT_TRUE(files_.Write(kDirectory, {File("0-old", "1"), File("1-old", "1")}).ok());
  directory_.Write("files/shop/dev/web/.new-7/0-half", "broken off");
  directory_.Write("files/shop/dev/web/.old-7/0-older", "replaced");
  ASSERT_TRUE(files_.Write(kDirectory, {File("0-new", "2")}).ok());
  EXPECT_THAT(Names(At("shop/dev/web")), ElementsAre("7"));
  EXPECT_THAT(Names(At(kDirectory)), ElementsAre("0-new"));
}

TEST_F(ReleaseFilesTest, AreAllThereOrNone) {
  const absl::Status status = files_.Write(kDirectory, {File("0-ok", "1"), File("0-ok", "twice")});
  EXPECT_TRUE(IsFailure(status, v1::INTERNAL)) << status;
  EXPECT_THAT(Names(At("shop/dev/web")), ElementsAre());
}

TEST_F(ReleaseFilesTest, FollowNoLinkOutOfTheStateDirectory) {
  const test::TempDir elsewhere;
  directory_.Write("files/shop/keep", "");
  std::filesystem::create_directory_symlink(elsewhere.path(), At("shop/dev"));
  const absl::Status written = files_.Write(kDirectory, {File("0-.env", "A=1\n")});
  EXPECT_TRUE(IsFailure(written, v1::VOLUME_UNUSABLE)) << written;
  EXPECT_THAT(std::string(written.message()), HasSubstr("files/shop/dev is in the way"));
  elsewhere.Write("web/7/precious", "");
  EXPECT_FALSE(files_.Remove(kDirectory).ok());
  EXPECT_FALSE(files_.RemoveOthers("shop/dev/web", {}).ok());
  EXPECT_TRUE(std::filesystem::exists(elsewhere.File("web/7/precious")));
}

TEST_F(ReleaseFilesTest, DoNotWriteThroughALinkInThePlaceOfTheDirectory) {
  const test::TempDir elsewhere;
  directory_.Write("files/shop/dev/web/keep", "");
  std::filesystem::create_directory_symlink(elsewhere.path(), At(kDirectory));
  EXPECT_TRUE(IsFailure(files_.Write(kDirectory, {File("0-.env", "")}), v1::VOLUME_UNUSABLE));
  EXPECT_TRUE(std::filesystem::is_empty(elsewhere.path()));
}

TEST_F(ReleaseFilesTest, StayBelowTheirRoot) {
  for (const char* path : {"", "..", "../x", "shop//7", "shop/../../x", "/etc", "shop/.hidden",
                           "shop/a b", "shop/."}) {
    EXPECT_TRUE(IsFailure(files_.Write(path, {}), v1::INTERNAL)) << path;
    EXPECT_TRUE(IsFailure(files_.Remove(path), v1::INTERNAL)) << path;
    EXPECT_FALSE(files_.PathOf(path).ok()) << path;
  }
  EXPECT_FALSE(files_.Write(kDirectory, {File("../up", "")}).ok());
}

TEST_F(ReleaseFilesTest, AreRemovedWithTheDirectoriesThatAreEmptyThen) {
  ASSERT_TRUE(files_.Write(kDirectory, {File("0-.env", "")}).ok());
  ASSERT_TRUE(files_.Write("shop/dev/api/1", {File("0-.env", "")}).ok());
  ASSERT_TRUE(files_.Remove(kDirectory).ok());
  EXPECT_THAT(Names(At("shop/dev")), ElementsAre("api"));
  ASSERT_TRUE(files_.Remove(kDirectory).ok()) << "gone already";
  ASSERT_TRUE(files_.Remove("shop/dev/api/1").ok());
  EXPECT_THAT(Names(At("")), ElementsAre());
}

TEST_F(ReleaseFilesTest, AreWrittenWhileThoseBesideThemAreRemoved) {
  const ReleaseFiles files(directory_.path());
  const auto come_and_go = [&](const std::string& directory) {
    for (int i = 0; i < 60; ++i) {
      const absl::Status written = files.Write(directory, {{"0-env", "x", {}, 0400, true}});
      ASSERT_TRUE(written.ok()) << written;
      const absl::Status removed = files.Remove(directory);
      ASSERT_TRUE(removed.ok()) << removed;
    }
  };
  std::thread check(come_and_go, "shop/dev/web/d-1");
  std::thread other(come_and_go, "shop/dev/api/1");
  come_and_go("shop/dev/web/1");
  check.join();
  other.join();
  EXPECT_THAT(Names(At("")), ::testing::IsEmpty());
}

TEST_F(ReleaseFilesTest, OfReleasesThatAreNotKeptAreRemoved) {
  for (const char* release : {"5", "6", "7"}) {
    ASSERT_TRUE(files_.Write(absl::StrCat("shop/dev/web/", release), {File("0-x", "")}).ok());
  }
  directory_.Write("files/shop/dev/web/d-check/0-x", "");
  EXPECT_EQ(files_.RemoveOthers("shop/dev/web", {7, 5}).value_or(-1), 1);
  EXPECT_THAT(Names(At("shop/dev/web")), UnorderedElementsAre("5", "7", "d-check"));
  EXPECT_EQ(files_.RemoveOthers("shop/dev/none", {}).value_or(-1), 0);
}

TEST_F(ReleaseFilesTest, OfChecksThatWereBrokenOffAreRemovedAfterADay) {
  directory_.Write("files/shop/dev/web/d-old/0-x", "secret");
  directory_.Write("files/shop/dev/web/.new-4/0-x", "secret");
  directory_.Write("files/shop/dev/web/d-new/0-x", "secret");
  for (const char* name : {"d-old", ".new-4"}) {
    std::filesystem::last_write_time(
        At(absl::StrCat("shop/dev/web/", name)),
        std::filesystem::file_time_type::clock::now() - std::chrono::hours(25));
  }
  EXPECT_EQ(files_.RemoveOthers("shop/dev/web", {}).value_or(-1), 0);
  EXPECT_THAT(Names(At("shop/dev/web")), ElementsAre("d-new"));
}

// Also of an app that is never deployed: no prune comes along there.
TEST_F(ReleaseFilesTest, OfChecksThatWereBrokenOffGoWhenAWorkerStarts) {
  for (const char* name : {"web/d-old", "web/d-known", "web/7", "jobs/.new-d-old", "web/d-young"}) {
    directory_.Write(absl::StrCat("files/shop/dev/", name, "/0-x"), "secret");
    if (std::string(name) == "web/d-young") continue;
    std::filesystem::last_write_time(
        At(absl::StrCat("shop/dev/", name)),
        std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
  }
  const absl::Status status = files_.RemoveBrokenOff({"d-known"});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(Names(At("shop/dev/web")), UnorderedElementsAre("d-known", "7", "d-young"));
  EXPECT_THAT(Names(At("shop/dev")), ElementsAre("web"));
}

TEST_F(ReleaseFilesTest, OfNoneIsNothingToClearUp) { EXPECT_TRUE(files_.RemoveBrokenOff({}).ok()); }

// The worker without the right to give files away, in a process of its own.
TEST_F(ReleaseFilesTest, SayWhatTheWorkerLacksToGiveThemAway) {
  ASSERT_EQ(geteuid(), 0u) << "only root becomes somebody else";
  ASSERT_EQ(chmod(directory_.path().c_str(), 0777), 0);
  const pid_t child = fork();
  if (child == 0) {
    if (setgid(4242) != 0 || setuid(4242) != 0) _exit(1);
    RenderedFile file{.name = "0-.env", .content = "A=1\n", .owner = {1000, 1000}, .mode = 0400};
    const absl::Status status = files_.Write(kDirectory, {file});
    const v1::Failure failure = FailureOf(status);
    const bool told = failure.code() == v1::FILE_UNREADABLE &&
                      failure.DebugString().find("UID 4242") != std::string::npos &&
                      failure.next_command().find("CAP_CHOWN") != std::string::npos;
    // Root reads what is the worker's own, too.
    file.owner = {0, 0};
    file.own_will_do = true;
    const bool kept = files_.Write("shop/dev/web/8", {file}).ok();
    _exit(told && kept ? 0 : 2);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(Stat(At("shop/dev/web/8/0-.env")).st_uid, 4242u);
  EXPECT_EQ(ModeOf(At("shop/dev/web/8/0-.env")), 0400u);
}

// As big as it gets in a process whose files may not grow, which is the same to a writer.
TEST_F(ReleaseFilesTest, LeaveNothingHalfWritten) {
  const pid_t child = fork();
  if (child == 0) {
    const struct rlimit none = {16, 16};
    std::signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &none) != 0) _exit(1);
    const absl::Status status =
        files_.Write(kDirectory, {File("0-a", "short"), File("1-b", std::string(100, 'x'))});
    _exit(IsFailure(status, v1::INTERNAL) ? 0 : 2);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_THAT(Names(At("shop/dev/web")), ElementsAre());
}

TEST_F(ReleaseFilesTest, NameAFullDiskAndLeaveNothingOnIt) {
  const std::string small = directory_.File("small");
  std::filesystem::create_directory(small);
  ASSERT_EQ(mount("davit-test", small.c_str(), "tmpfs", 0, "size=64k"), 0)
      << "only root can mount a small disk";
  const absl::Cleanup unmount = [&small] { umount2(small.c_str(), MNT_DETACH); };
  const absl::Status status = ReleaseFiles(small).Write(
      kDirectory, {File("0-a", "short"), File("1-b", std::string(100'000, 'x'))});
  EXPECT_TRUE(IsFailure(status, v1::DISK_FULL)) << status;
  EXPECT_THAT(Names(small + "/files/shop/dev/web"), ElementsAre());
}

TEST(FileFailure, NamesAFullDisk) {
  EXPECT_TRUE(IsFailure(FileFailure("/x", "cannot be written", ENOSPC), v1::DISK_FULL));
  EXPECT_TRUE(IsFailure(FileFailure("/x", "cannot be written", EDQUOT), v1::DISK_FULL));
}

ContainerSpec SpecWithSecret() {
  ContainerSpec spec;
  (*spec.mutable_env())["CLEAR"] = "1";
  worker::v1::SecretUse& use = (*spec.mutable_secret_env())["TOKEN"];
  use.set_environment("dev");
  use.set_name("API_TOKEN");
  use.set_version(3);
  return spec;
}

TEST_F(ReleaseFilesTest, AreMountedReadOnlyBesideTheWholeEnvironment) {
  ASSERT_TRUE(files_.Write(kDirectory, {File("0-.env", "A=1\n")}).ok());
  ContainerSpec spec = SpecWithSecret();
  spec.set_files_directory(kDirectory);
  spec.add_files()->set_name("0-.env");
  spec.mutable_files(0)->set_target("/app/.env");
  const auto inputs = WithInputs(spec, {{"dev/API_TOKEN@3", "s3cret"}}, directory_.path());
  ASSERT_TRUE(inputs.ok()) << inputs.status();
  EXPECT_THAT(inputs->env(), UnorderedElementsAre(Pair("CLEAR", "1"), Pair("TOKEN", "s3cret")));
  EXPECT_TRUE(inputs->secret_env().empty());
  EXPECT_EQ(inputs->labels().at("davit.secrets"), "dev/API_TOKEN@3");
  ASSERT_EQ(inputs->mounts_size(), 1);
  EXPECT_EQ(inputs->mounts(0).source(), At("shop/dev/web/7/0-.env"));
  EXPECT_EQ(inputs->mounts(0).target(), "/app/.env");
  EXPECT_TRUE(inputs->mounts(0).read_only());
  ASSERT_TRUE(files_.Remove(kDirectory).ok());
  const auto gone = WithInputs(spec, {{"dev/API_TOKEN@3", "s3cret"}}, directory_.path());
  EXPECT_TRUE(IsFailure(gone.status(), v1::FILE_UNREADABLE)) << gone.status();
}

TEST(ContainerInputs, NeverLeaveAVariableEmptyForWantOfItsSecret) {
  for (const char* key : {"/API_TOKEN@3", "dev/API_TOKEN@2", "dev/TOKEN@3"}) {
    const auto inputs = WithInputs(SpecWithSecret(), {{key, "hunter22"}}, "/nowhere");
    ASSERT_TRUE(IsFailure(inputs.status(), v1::INTERNAL)) << key;
    const std::string told = FailureOf(inputs.status()).DebugString();
    EXPECT_THAT(told, HasSubstr("API_TOKEN"));
    EXPECT_THAT(told, Not(HasSubstr("hunter22")));
  }
}

}  // namespace
}  // namespace davit::steps
