#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "client/commands/testing/test_program.h"

namespace davit::commands {
namespace {

using ::testing::HasSubstr;

using CompletionTest = ProgramTest;

TEST_F(CompletionTest, CompletesVerbsOptionsEnvironmentsAndApps) {
  Write(kShopOfTwo);
  EXPECT_EQ(Run({"__complete", "de"}), 0);
  EXPECT_EQ(out_.str(), "deploy\n");
  EXPECT_EQ(Run({"__complete", "deploy", "--lo"}), 0);
  EXPECT_EQ(out_.str(), "--local\n--lock-wait\n");
  EXPECT_EQ(Run({"__complete", "deploy", "-e", ""}), 0);
  EXPECT_EQ(out_.str(), "dev\nproduction\n") << "an unset variable is no obstacle";
  EXPECT_EQ(Run({"__complete", "logs", ""}), 0);
  EXPECT_EQ(out_.str(), "api\nweb\n");
  EXPECT_EQ(Run({"__complete", "hosts", "a"}), 0);
  EXPECT_EQ(out_.str(), "add\nadopt\n");
  EXPECT_EQ(Run({"__complete", "hosts", "add", "--un"}), 0);
  EXPECT_EQ(out_.str(), "--unchecked\n");
  EXPECT_EQ(Run({"__complete", "agent", "st"}), 0);
  EXPECT_EQ(out_.str(), "status\nstop\n");
}

TEST_F(CompletionTest, PrintsAScriptForEachShell) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_EQ(Run({"completion", shell}), 0);
    EXPECT_THAT(out_.str(), HasSubstr("__complete")) << shell;
  }
  EXPECT_EQ(Run({"completion", "cmd"}), 2);
}

// What bash would offer after `line`, its last word being typed.
class BashCompletionTest : public CompletionTest {
 protected:
  std::string Offered(const std::string& line) {
    EXPECT_EQ(Run({"completion", "bash"}), 0);
    std::ofstream("script") << out_.str() << R"(
davit() { shift; echo "asked:$*"; }
COMP_WORDS=()" << line << R"( "")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_davit
printf '%s|' "${COMPREPLY[@]}"
)";
    FILE* pipe = popen("bash script 2>&1", "r");
    std::string text;
    for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) text += static_cast<char>(c);
    EXPECT_EQ(pclose(pipe), 0) << text;
    return text;
  }
};

TEST_F(BashCompletionTest, OffersPathsOnlyWhereOneIsWanted) {
  EXPECT_EQ(Offered("davit deploy -f"), "script|");
  EXPECT_EQ(Offered("davit logs --file"), "script|");
  EXPECT_EQ(Offered("davit logs -f"), "asked:logs -f |");
  EXPECT_EQ(Offered("davit agent --directory"), "script|");
  EXPECT_EQ(Offered("davit deploy --directory"), "asked:deploy --directory |");
}

}  // namespace
}  // namespace davit::commands
