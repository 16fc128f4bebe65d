#include "client/build/build_context.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "client/build/git_version.h"
#include "client/build/read_tar_for_test.h"
#include "common/failure/failure.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace davit::build {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BuildContextTest : public ::testing::Test {
 protected:
  BuildContextTest() { Write("Dockerfile", "FROM scratch\n"); }

  std::string Path(const std::string& path) const { return root() + "/" + path; }
  std::string root() const { return directory_.File("context"); }

  void Write(const std::string& path, const std::string& text, int mode = 0644) {
    std::filesystem::create_directories(std::filesystem::path(Path(path)).parent_path());
    std::ofstream(Path(path)) << text;
    ASSERT_EQ(chmod(Path(path).c_str(), mode), 0);
  }

  std::vector<TarEntry> Sent(const std::string& dockerfile = "Dockerfile") {
    const auto context = BuildContext::Open(root(), dockerfile);
    EXPECT_TRUE(context.ok()) << context.status();
    return context.ok() ? ReadTar(SendAll(*context, &notes_)) : std::vector<TarEntry>();
  }
  std::vector<std::string> SentPaths(const std::string& dockerfile = "Dockerfile") {
    return PathsOf(Sent(dockerfile));
  }
  std::string WhyNot(const std::string& dockerfile = "Dockerfile") {
    const auto context = BuildContext::Open(root(), dockerfile);
    EXPECT_FALSE(context.ok());
    EXPECT_TRUE(IsFailure(context.status(), v1::SPEC_INVALID)) << context.status();
    return std::string(context.status().message());
  }

  const test::TempDir directory_;
  std::vector<std::string> notes_;
};

TEST_F(BuildContextTest, SendsEverythingInTheOrderOfNamesWithItsMode) {
  Write("b/run.sh", "#!", 0755);
  Write("b/secret", "x", 0600);
  Write("B", "big");
  const auto sent = Sent();
  EXPECT_THAT(PathsOf(sent), ElementsAre("B", "Dockerfile", "b", "b/run.sh", "b/secret"));
  EXPECT_EQ(sent[0].content, "big");
  EXPECT_EQ(sent[2].type, static_cast<unsigned>(AE_IFDIR));
  EXPECT_EQ(sent[3].mode, 0755U);
  EXPECT_EQ(sent[4].mode, 0600U);
}

TEST_F(BuildContextTest, SendsTheSameBytesForTheSameFolder) {
  for (const char* name : {"z", "a/1", "a/2", "m"}) Write(name, name);
  const auto context = BuildContext::Open(root(), "Dockerfile");
  ASSERT_TRUE(context.ok());
  EXPECT_EQ(SendAll(*context), SendAll(*context));
}

TEST_F(BuildContextTest, SendsLinksAsLinksAndFollowsNone) {
  directory_.Write("outside", "not yours");
  std::filesystem::create_directory(directory_.File("elsewhere"));
  directory_.Write("elsewhere/file", "neither");
  std::filesystem::create_symlink("../outside", Path("a-file"));
  std::filesystem::create_symlink("../elsewhere", Path("b-directory"));
  Write("c", "twice");
  std::filesystem::create_hard_link(Path("c"), Path("d"));
  const auto sent = Sent();
  EXPECT_THAT(PathsOf(sent), ElementsAre("Dockerfile", "a-file", "b-directory", "c", "d"));
  EXPECT_EQ(sent[1].link, "../outside");
  EXPECT_EQ(sent[2].type, static_cast<unsigned>(AE_IFLNK));
  EXPECT_EQ(sent[3].content, "twice");
  EXPECT_EQ(sent[4].link, "c");
}

TEST_F(BuildContextTest, NotesSpecialFilesAndSendsTheRest) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  Write("z", "");
  EXPECT_THAT(SentPaths(), ElementsAre("Dockerfile", "z"));
  EXPECT_THAT(notes_, ElementsAre("pipe is a pipe: it is not sent"));
}

TEST_F(BuildContextTest, SaysNothingOfSpecialFilesThatAreLeftOutAnyway) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  Write(".dockerignore", "pipe");
  EXPECT_THAT(SentPaths(), ElementsAre(".dockerignore", "Dockerfile"));
  EXPECT_THAT(notes_, IsEmpty());
}

TEST_F(BuildContextTest, AlwaysSendsTheDockerfileAndTheIgnoreFile) {
  Write(".dockerignore", "*\n!src/app.c");
  Write("docker/Dockerfile", "FROM scratch");
  Write("docker/notes", "");
  Write("src/app.c", "");
  Write("src/app.o", "");
  EXPECT_THAT(SentPaths("./docker/Dockerfile"),
              ElementsAre(".dockerignore", "docker/Dockerfile", "src/app.c"));
}

TEST_F(BuildContextTest, PrefersTheDockerfilesOwnIgnoreFile) {
  Write(".dockerignore", "a");
  Write("Dockerfile.dockerignore", "b");
  Write("a", "");
  Write("b", "");
  EXPECT_THAT(SentPaths(),
              ElementsAre(".dockerignore", "Dockerfile", "Dockerfile.dockerignore", "a"));
}

TEST_F(BuildContextTest, HandsOutAFileLargerThanAnyPiece) {
  std::string large;
  for (int64_t i = 0; large.size() < (4U << 20); ++i) large += std::to_string(i * 7919 % 10007);
  Write("large", large);
  EXPECT_EQ(Sent()[1].content, large);
}

TEST_F(BuildContextTest, EndsAsSoonAsNobodyWantsMore) {
  Write("large", std::string(8 << 20, 'x') + std::string(1000, 'y'));
  std::ofstream noise(Path("noise"), std::ios::binary);
  std::ifstream random("/dev/urandom", std::ios::binary);
  std::string block(4 << 20, '\0');
  random.read(block.data(), static_cast<std::streamsize>(block.size()));
  noise << block << std::flush;
  const auto context = BuildContext::Open(root(), "Dockerfile");
  ASSERT_TRUE(context.ok());
  int pieces = 0;
  const absl::Status status =
      context->Send([&](absl::string_view) { return ++pieces < 2; }, [](const std::string&) {});
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_EQ(pieces, 2);
}

TEST_F(BuildContextTest, RefusesWhatCannotBeBuiltFrom) {
  EXPECT_THAT(WhyNot("Missing"), HasSubstr("there is no Dockerfile"));
  const auto missing = BuildContext::Open(root() + "/./.", "sub/../Missing");
  EXPECT_THAT(std::string(missing.status().message()),
              HasSubstr("there is no Dockerfile at " + root() + "/Missing"));
  EXPECT_THAT(WhyNot("../Dockerfile"), HasSubstr("lies outside of the context"));
  EXPECT_THAT(WhyNot("/etc/passwd"), HasSubstr("lies outside of the context"));
  Write(".dockerignore", "a\n[");
  EXPECT_THAT(WhyNot(), HasSubstr(".dockerignore, line 2: "));
  const auto nowhere = BuildContext::Open(Path("nowhere"), "Dockerfile");
  EXPECT_THAT(std::string(nowhere.status().message()), HasSubstr("there is no directory"));
}

class GitVersionTest : public ::testing::Test {
 protected:
  void Git(std::vector<std::string> arguments) {
    std::vector<std::string> words = {"git",         "-C", directory_.path(),         "-c",
                                      "user.name=t", "-c", "user.email=t@example.com"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const auto run = test::RunProgram(words);
    ASSERT_TRUE(run.ok()) << run.status();
  }

  const test::TempDir directory_;
};

TEST_F(GitVersionTest, IsTheShortCommitAndTellsOfChanges) {
  Git({"init", "-q"});
  directory_.Write("a", "1");
  Git({"add", "a"});
  Git({"commit", "-q", "-m", "first"});
  const auto clean = GitVersion(directory_.path());
  ASSERT_TRUE(clean.ok()) << clean.status();
  EXPECT_GE(clean->size(), 7U);
  EXPECT_EQ(clean->find_first_not_of("0123456789abcdef"), std::string::npos) << *clean;
  directory_.Write("untracked", "2");
  EXPECT_EQ(*GitVersion(directory_.path()), *clean + "-dirty");
}

TEST_F(GitVersionTest, AsksForATagWhereThereIsNoCommit) {
  const auto version = GitVersion(directory_.path());
  ASSERT_TRUE(IsFailure(version.status(), v1::SPEC_INVALID)) << version.status();
  EXPECT_THAT(FailureOf(version.status()).next_command(), HasSubstr("--tag"));
  EXPECT_THAT(FailureOf(version.status()).evidence(0), HasSubstr("git: "));
}

}  // namespace
}  // namespace davit::build
