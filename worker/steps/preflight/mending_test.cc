#include "worker/steps/preflight/mending.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace davit::steps {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A container of UID 1000 that mounts a directory and a file below it.
class MendingTest : public ::testing::Test {
 protected:
  MendingTest() {
    report_.uid = 1000;
    report_.gid = 1001;
  }
  // What is said of `answer` to the question about the first place.
  Mending Find(const probe::Answer& answer, bool write, int error) const {
    return FindMending(places_, places_.front(), {report_, answer, write, error});
  }
  static probe::Answer Of(const std::string& kind, const std::string& denied, uid_t uid,
                          mode_t mode) {
    probe::Answer answer;
    answer.kind = kind;
    answer.denied = denied;
    answer.uid = uid;
    answer.mode = mode;
    return answer;
  }

  probe::Report report_;
  std::vector<MountedPlace> places_ = {
      {PlaceKind::kHostPath, "/srv/my media", "/app/media", true},
      {PlaceKind::kHostPath, "/srv/it's", "/app/media/inner", false}};
};

TEST_F(MendingTest, GivesADirectoryToTheUserInOneWordOfTheShell) {
  EXPECT_EQ(Find(Of("directory", "/app/media", 0, 0755), true, EACCES).command,
            "`chown 1000:1001 '/srv/my media'`, with -R for what lies in it, too");
  EXPECT_EQ(Find(Of("file", "/app/media/inner/file", 0, 0600), false, EACCES).command,
            "`chown 1000:1001 '/srv/it'\\''s/file'`");
}

TEST_F(MendingTest, GivesNothingAwayThatIsTheHostsOwn) {
  for (const char* path : {"/", "/etc", "/etc/", "/etc/ssl/private", "/usr/local/share", "/var",
                           "/var/lib", "/var/lib/../log", "/home", "/home/alice", "/root", "/srv",
                           "/opt", "/run/lock", "/var/run", "/proc", "/lib64", "/boot"}) {
    SCOPED_TRACE(path);
    places_[0].source = path;
    const Mending write = Find(Of("directory", "/app/media", 0, 0755), true, EACCES);
    EXPECT_THAT(write.command, HasSubstr("`read_only: true` for /app/media"));
    for (const char* kind : {"directory", "file", "hidden"}) {
      const Mending read = Find(Of(kind, "/app/media", 0, 0600), false, EACCES);
      EXPECT_THAT(read.command, Not(AnyOf(HasSubstr("chown"), HasSubstr("chmod"))));
    }
  }
}

TEST_F(MendingTest, GivesAwayWhatIsTheAppsInTheHostsDirectories) {
  for (const char* path : {"/srv/shop", "/opt/shop/data", "/var/lib/shop", "/home/alice/shop",
                           "/var/lib/docker/volumes/media/_data", "/data", "/etcetera"}) {
    places_[0].source = path;
    EXPECT_THAT(Find(Of("directory", "/app/media", 0, 0755), true, EACCES).command,
                HasSubstr(absl::StrCat("`chown 1000:1001 ", path, "`")));
  }
}

TEST_F(MendingTest, GivesTheGroupOfASocketAndNotTheSocket) {
  places_[0].source = "/var/run/docker.sock";
  probe::Answer socket = Of("socket", "/app/media", 0, 0660);
  socket.gid = 133;
  EXPECT_THAT(Find(socket, false, EACCES).command, HasSubstr("`user: \"1000:133\"`"));
  socket.mode = 0600;
  const std::string closed = Find(socket, false, EACCES).command;
  EXPECT_THAT(closed, HasSubstr("set `user` to one that may use /app/media"));
  EXPECT_THAT(closed, Not(HasSubstr("chown")));
}

TEST_F(MendingTest, ChangesTheModeOfWhatIsTheUsersOwn) {
  EXPECT_EQ(Find(Of("directory", "/app/media", 1000, 0555), true, EACCES).command,
            "`chmod u+rwx '/srv/my media'`");
}

TEST_F(MendingTest, OpensADirectoryAboveAndGivesItToNobody) {
  EXPECT_EQ(Find(Of("hidden", "/app/media/above", 0, 0700), false, EACCES).command,
            "`chmod o+x '/srv/my media/above'`");
}

TEST_F(MendingTest, LeavesTheImageToItsDockerfile) {
  const Mending mending = Find(Of("hidden", "/app", 0, 0700), true, EACCES);
  EXPECT_THAT(mending.command, HasSubstr("`RUN chmod o+x /app`"));
  // A name that only begins the same is another place.
  EXPECT_THAT(Find(Of("hidden", "/app/media2", 0, 0700), true, EACCES).command, HasSubstr("RUN"));
}

TEST_F(MendingTest, GivesNoOwnerWhereThatWouldNotHelp) {
  const probe::Answer answer = Of("directory", "/app/media", 0, 0755);
  EXPECT_THAT(Find(answer, true, EROFS).command, HasSubstr("`read_only: true`"));
  EXPECT_THAT(Find(answer, true, ENOSPC).command, HasSubstr("make space"));
  EXPECT_THAT(Find(answer, true, EDQUOT).command, HasSubstr("make space"));
}

TEST_F(MendingTest, KnowsWhatDavitItselfWrote) {
  places_[0].kind = PlaceKind::kReleaseFile;
  EXPECT_THAT(Find(Of("file", "/app/media", 0, 0400), false, EACCES).command,
              HasSubstr("`owner: auto`"));
}

}  // namespace
}  // namespace davit::steps
