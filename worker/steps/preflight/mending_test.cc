#include "worker/steps/preflight/mending.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace davit::steps {
namespace {

using ::testing::HasSubstr;

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
            "`chown -R 1000:1001 '/srv/my media'`");
  EXPECT_EQ(Find(Of("file", "/app/media/inner/file", 0, 0600), false, EACCES).command,
            "`chown 1000:1001 '/srv/it'\\''s/file'`");
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
