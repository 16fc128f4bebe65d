#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_join.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "worker/probe/installed_program.h"
#include "worker/probe/program_bytes.h"
#include "worker/probe/report.h"

namespace davit::probe {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

class Probe : public ::testing::Test {
 protected:
  // What the installed probe says as the user that `runs_as` makes of us.
  Report Ask(const std::vector<Question>& questions, const std::vector<std::string>& runs_as = {}) {
    const auto program = InstallProgram(directory_.path());
    EXPECT_TRUE(program.ok()) << program.status();
    if (!program.ok()) return {};
    std::vector<std::string> command = runs_as;
    command.push_back(*program);
    for (std::string& argument : Arguments(questions)) command.push_back(std::move(argument));
    const auto output = test::RunProgram(command);
    EXPECT_TRUE(output.ok()) << output.status();
    auto report = ParseReport(output.value_or(""), questions);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *std::move(report) : Report();
  }
  std::string Write(const std::string& name, mode_t mode) {
    std::string path = directory_.Write(name, "text");
    chmod(path.c_str(), mode);
    return path;
  }
  std::string Make(const std::string& name, mode_t mode) {
    std::string path = directory_.File(name);
    mkdir(path.c_str(), mode);
    chmod(path.c_str(), mode);
    return path;
  }
  // A stranger must be able to get to what it is asked about.
  void SetUp() override { chmod(directory_.path().c_str(), 0755); }

  const test::TempDir directory_;
  const std::vector<std::string> stranger_ = {"setpriv", "--reuid",  "4321",     "--regid",
                                              "4322",    "--groups", "4324,4323"};
};

TEST_F(Probe, IsStaticAndSmall) {
  EXPECT_THAT(std::string(ProgramBytes().substr(0, 4)), StartsWith("\177ELF"));
  EXPECT_EQ(ProgramBytes().find("/ld-linux"), absl::string_view::npos) << "it wants a loader";
  EXPECT_LT(ProgramBytes().size(), 1u << 20);
}

TEST_F(Probe, IsWrittenOnceAndAgainWhenItIsNotTheSame) {
  const auto path = InstallProgram(directory_.path());
  ASSERT_TRUE(path.ok()) << path.status();
  struct stat first, second, third;
  ASSERT_EQ(stat(path->c_str(), &first), 0);
  EXPECT_EQ(first.st_mode & 07777, 0755u);
  ASSERT_TRUE(InstallProgram(directory_.path()).ok());
  ASSERT_EQ(stat(path->c_str(), &second), 0);
  EXPECT_EQ(first.st_ino, second.st_ino);
  std::ofstream(*path, std::ios::in | std::ios::out | std::ios::binary) << "another";
  ASSERT_TRUE(InstallProgram(directory_.path()).ok());
  ASSERT_EQ(stat(path->c_str(), &third), 0);
  EXPECT_NE(third.st_ino, second.st_ino);
  EXPECT_EQ(Ask({}).uid, geteuid()) << "it is the program again";
}

TEST_F(Probe, SaysWhoItRunsAs) {
  ASSERT_EQ(geteuid(), 0u) << "only root can become a stranger";
  const Report report = Ask({}, stranger_);
  EXPECT_EQ(report.uid, 4321u);
  EXPECT_EQ(report.gid, 4322u);
  EXPECT_THAT(report.groups, ::testing::ElementsAre(4323, 4324));
}

TEST_F(Probe, TellsWhatAStrangerMayDo) {
  ASSERT_EQ(geteuid(), 0u) << "only root can become a stranger";
  const Report report = Ask({{Write("open", 0644), true},
                             {Write("closed", 0600), false},
                             {Make("public", 0777), true},
                             {Make("listed", 0755), true},
                             {Make("private", 0700), false}},
                            stranger_);
  ASSERT_EQ(report.answers.size(), 5u);
  EXPECT_TRUE(report.answers[0].readable());
  EXPECT_EQ(report.answers[0].write_error, EACCES);
  EXPECT_EQ(report.answers[0].kind, "file");
  EXPECT_EQ(report.answers[1].read_error, EACCES);
  EXPECT_EQ(report.answers[1].mode, 0600u);
  EXPECT_TRUE(report.answers[1].writable()) << "it was not asked";
  EXPECT_TRUE(report.answers[2].readable() && report.answers[2].writable());
  EXPECT_EQ(report.answers[2].kind, "directory");
  EXPECT_TRUE(report.answers[3].readable());
  EXPECT_EQ(report.answers[3].write_error, EACCES);
  EXPECT_EQ(report.answers[4].read_error, EACCES);
  EXPECT_TRUE(std::filesystem::is_empty(directory_.File("public")));
}

TEST_F(Probe, NamesTheDirectoryThatDenies) {
  ASSERT_EQ(geteuid(), 0u) << "only root can become a stranger";
  const std::string wall = Make("wall", 0700);
  Make("wall/inner", 0755);
  const Report report = Ask({{Write("wall/inner/file", 0644), true}}, stranger_);
  ASSERT_EQ(report.answers.size(), 1u);
  EXPECT_EQ(report.answers[0].denied, wall);
  EXPECT_EQ(report.answers[0].mode, 0700u);
  EXPECT_EQ(report.answers[0].kind, "hidden");
  EXPECT_EQ(report.answers[0].read_error, EACCES);
  EXPECT_EQ(report.answers[0].write_error, EACCES);
}

TEST_F(Probe, TellsWhatIsNotThere) {
  const std::string path = directory_.File("nothing");
  const Report report = Ask({{path, true}});
  ASSERT_EQ(report.answers.size(), 1u);
  EXPECT_EQ(report.answers[0].kind, "missing");
  EXPECT_EQ(report.answers[0].denied, path);
  EXPECT_EQ(report.answers[0].read_error, ENOENT);
}

TEST_F(Probe, DoesNotChangeWhatItTries) {
  const std::string path = Write("file", 0644);
  const Report report = Ask({{path, true}});
  ASSERT_EQ(report.answers.size(), 1u);
  EXPECT_TRUE(report.answers[0].writable());
  EXPECT_EQ(std::filesystem::file_size(path), 4u);
}

TEST(ProbeReport, MustBeWhole) {
  const std::vector<Question> questions = {{"/a", false}};
  for (const char* output :
       {"", "exec failed\n", "{\"uid\":1,\"gid\":1,\"groups\":[]}\n{\"end\":true}\n",
        "{\"uid\":1,\"gid\":1,\"groups\":[]}\n{\"path\":0,\"kind\":\"file\"}\n", "[]\n"}) {
    EXPECT_FALSE(ParseReport(output, questions).ok()) << output;
  }
  EXPECT_THAT(ParseReport("{\"uid\":1,\"gid\":2,\"groups\":[]}\n{\"end\":true}\n", {})->groups,
              IsEmpty());
}

}  // namespace
}  // namespace davit::probe
