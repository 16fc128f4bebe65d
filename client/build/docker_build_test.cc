// Compares what a context sends with what `docker build` of the same folder has.
#include <gtest/gtest.h>

#include <algorithm>
#include <clocale>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "client/build/read_tar_for_test.h"
#include "tests/support/docker.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unique.h"

namespace davit::build {
namespace {

constexpr const char* kFiles[] = {"README.md",      "a.txt",
                                  "ab.txt",         "b+c.txt",
                                  "docs/a.txt",     "docs/deep/a.txt",
                                  "docs/deep/b.md", "docs/keep.md",
                                  "src/main.c",     "src/main.o",
                                  "src/lib/lib.c",  "src/lib/lib.o",
                                  "src/lib/keep",   "web/node_modules/x/index.js",
                                  "node_modules/y", "#hash",
                                  "with space",     "star*name",
                                  ".env",           ".git/config",
                                  "tmp/.env",       "tmp/a/b/c/d",
                                  "ätsch.txt",      "x.log"};

constexpr const char* kRules[] = {
    "",
    "# only a comment\n",
    "*.txt",
    "/a.txt",
    "docs/",
    "docs",
    "./docs/deep/../a.txt",
    "*/a.txt",
    "**/a.txt",
    "**/*.txt",
    "docs/**",
    "docs/**/a.txt",
    "**/node_modules",
    "**/node_modules\n!web/node_modules/x",
    "**.txt",
    "**",
    "*",
    "*\n!src",
    "*\n!src/lib/keep",
    "*\n!**/keep",
    "src\n!src/**/*.c",
    "*.md\n!README.md",
    "*.md\n!README.md\nREADME*",
    "!README.md\n*.md",
    "?.txt",
    "??.txt",
    "[ab].txt",
    "[^a]*.txt",
    "b+c.txt",
    "  #hash\n",
    "#hash\n",
    "with space  \r\n",
    "star\\*name",
    ".*",
    "**/.env",
    "tmp/a/b\n!tmp/a/b/c",
    "src/lib/\n!src/lib/keep\nsrc/lib/lib.?",
    "../outside\na.txt",
    ".",
    "/",
    "Dockerfile\n.dockerignore\n*.log",
};

class DockerBuildTest : public ::testing::TestWithParam<const char*> {
 protected:
  // libarchive gives names as the locale can write them.
  static void SetUpTestSuite() { ASSERT_NE(setlocale(LC_CTYPE, "C.UTF-8"), nullptr); }
  void SetUp() override {
    for (const char* file : kFiles) Write(file, file);
    Write("Dockerfile", "FROM scratch\nCOPY . /\nCMD [\"/none\"]\n");
    Write(".dockerignore", GetParam());
  }
  void TearDown() override {
    Docker({"rm", "-f", name_});
    Docker({"rmi", "-f", name_});
  }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path whole = std::filesystem::path(directory_.path()) / path;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole) << text;
  }

  static std::string Docker(const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {"env", "DOCKER_BUILDKIT=0", "docker", "-H",
                                      absl::StrCat("unix://", test::DockerSocket())};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const auto output = test::RunProgram(words);
    EXPECT_TRUE(output.ok()) << output.status();
    return output.value_or("");
  }

  // Files alone: the engine makes the directories that files need.
  static std::vector<std::string> Files(const std::vector<TarEntry>& entries) {
    std::vector<std::string> files;
    for (const TarEntry& entry : entries) {
      const bool of_engine = entry.path == "Dockerfile" || entry.path == ".dockerignore" ||
                             entry.path.rfind("dev/", 0) == 0 || entry.path.rfind("etc/", 0) == 0 ||
                             entry.path == ".dockerenv";
      if (entry.type == AE_IFREG && !of_engine) files.push_back(entry.path);
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  const test::TempDir directory_;
  const std::string name_ = test::UniqueName("davit-test-ignore");
};

TEST_P(DockerBuildTest, HasTheSameFiles) {
  Docker({"build", "-q", "-t", name_, directory_.path()});
  Docker({"create", "--name", name_, name_});
  const std::vector<std::string> theirs = Files(ReadTar(Docker({"export", name_})));
  const auto context = BuildContext::Open(directory_.path(), "Dockerfile");
  ASSERT_TRUE(context.ok()) << context.status();
  EXPECT_EQ(Files(ReadTar(SendAll(*context))), theirs);
}

INSTANTIATE_TEST_SUITE_P(Patterns, DockerBuildTest, ::testing::ValuesIn(kRules));

}  // namespace
}  // namespace davit::build
