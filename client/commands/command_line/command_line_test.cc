#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/commands/testing/scripted_controller.h"
#include "client/commands/testing/test_program.h"

namespace davit::commands {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using CommandLineTest = ProgramTest;

TEST_F(CommandLineTest, HelpOfEveryVerbNeedsNothing) {
  for (const char* verb :
       {"deploy", "plan", "doctor", "promote", "status", "history", "show", "logs", "watch",
        "cancel", "hosts", "validate", "init", "agent", "version", "completion"}) {
    EXPECT_EQ(Run({verb, "--help"}), 0) << verb;
    EXPECT_THAT(out_.str(), HasSubstr("Usage: davit")) << verb;
  }
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("Exit codes: 0 live"));
}

TEST_F(CommandLineTest, BadArgumentsEndWithTwo) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("deploy"));
  EXPECT_EQ(Run({"deploi"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("deploi"));
  EXPECT_EQ(Run({"deploy", "--frobnicate"}), 2);
  EXPECT_EQ(Run({"deploy", "--wait-timeout", "soon"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("soon"));
}

TEST_F(CommandLineTest, AnEmptyValueIsNotTakenForAnOptionThatWasLeftOut) {
  Write(kShopOfTwo);
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } kCases[] = {
      {{"deploy", "web", "-e", "dev", "--tag", ""}, "error: --tag has an empty value"},
      {{"deploy", "--tag=", "web", "-e", "dev"}, "error: --tag has an empty value"},
      {{"deploy", "web", "-e", ""}, "error: -e has an empty value"},
      {{"build", "web", "-e", "dev", "--tag", ""}, "error: --tag has an empty value"},
      {{"hosts", "--controller", ""}, "error: --controller has an empty value"},
      {{"show", ""}, "error: an argument is empty"},
  };
  for (const auto& [arguments, says] : kCases) {
    EXPECT_EQ(Run(arguments), 2) << says;
    EXPECT_THAT(err_.str(), StartsWith(says));
    EXPECT_THAT(err_.str(), HasSubstr("--help`."));
  }
  EXPECT_EQ(Run({"deploy", "web", "-e", "dev", "--tag", "", "--json"}), 2);
  EXPECT_THAT(out_.str(), StartsWith(R"({"failure":{"code":"SPEC_INVALID","message":"--tag has)"));
}

TEST_F(CommandLineTest, AMisspeltOptionOrVerbIsAnsweredWithTheNearest) {
  EXPECT_EQ(Run({"deploy", "--lokal"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--lokal; did you mean `--local`?\n"));
  EXPECT_THAT(err_.str(), HasSubstr("davit deploy --help"));
  EXPECT_EQ(Run({"deploy", "web", "--lock_wiat=10m"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean `--lock-wait`?"));
  EXPECT_EQ(Run({"hosts", "lst"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean `list`?"));
  EXPECT_EQ(Run({"hosts", "add", "a", "b:1", "--replcae"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean `--replace`?"));
  EXPECT_EQ(Run({"deploy", "--frobnicate"}), 2);
  EXPECT_THAT(err_.str(), Not(HasSubstr("did you mean")));
}

TEST_F(CommandLineTest, AMissingIdIsAnsweredWithTheHistory) {
  EXPECT_EQ(Run({"cancel", "--local"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("davit history --local\n"));
}

TEST_F(CommandLineTest, WithoutIdOrEnvironmentBothAreAskedFor) {
  Write(kShopOfTwo);
  variables_["API_TAG"] = "v1";
  variables_["DAVIT_CONTROLLER"] = "unix:" + directory_ + "/nobody";
  for (const char* verb : {"show", "watch"}) {
    EXPECT_EQ(Run({verb}), 2) << verb;
    EXPECT_THAT(err_.str(), HasSubstr("name one with -e; or give the deployment's id")) << verb;
  }
}

TEST_F(CommandLineTest, OptionsThatAShellWouldTakeApartAreQuoted) {
  EXPECT_EQ(Run({"cancel", "--local", "--docker-socket", "/a b/it's"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr(R"(davit history --local --docker-socket '/a b/it'\''s')"));
}

TEST_F(CommandLineTest, WithoutAControllerBothWaysAreNamed) {
  Write("project: shop\napps:\n  web: {image: shop/web}\nenvironments:\n  dev: {}\n");
  EXPECT_EQ(Run({"deploy"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--local"));
  EXPECT_THAT(err_.str(), HasSubstr("DAVIT_CONTROLLER"));
  EXPECT_EQ(Run({"deploy", "--controller", "https://davit.example"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("unix:/path"));
}

TEST_F(CommandLineTest, AControllerThatDoesNotAnswerIsUnreachable) {
  Write("project: shop\napps:\n  web: {image: shop/web}\nenvironments:\n  dev: {}\n");
  variables_["DAVIT_CONTROLLER"] = "unix:" + directory_ + "/nobody";
  EXPECT_EQ(Run({"history"}), 6);
  EXPECT_THAT(err_.str(), HasSubstr("CONTROLLER_UNREACHABLE"));
  EXPECT_THAT(err_.str(), HasSubstr(directory_ + "/nobody"));
}

TEST_F(CommandLineTest, SaysItsVersion) {
  EXPECT_EQ(Run({"version"}), 0);
  EXPECT_THAT(out_.str(), StartsWith("davit 0."));
  const std::string version = out_.str();
  EXPECT_EQ(Run({"--version"}), 0);
  EXPECT_EQ(out_.str(), version);
}

TEST_F(CommandLineTest, HelpIsAVerbToo) {
  for (const std::vector<std::string>& verb :
       std::vector<std::vector<std::string>>{{}, {"deploy"}, {"hosts", "add"}, {"help"}}) {
    std::vector<std::string> with_option = verb;
    with_option.push_back("--help");
    EXPECT_EQ(Run(with_option), 0);
    const std::string wanted = out_.str();
    std::vector<std::string> with_verb = {"help"};
    with_verb.insert(with_verb.end(), verb.begin(), verb.end());
    EXPECT_EQ(Run(with_verb), 0) << err_.str();
    if (verb != std::vector<std::string>{"help"}) {
      EXPECT_EQ(out_.str(), wanted);
    }
    EXPECT_THAT(out_.str(), HasSubstr("Usage: davit"));
  }
  EXPECT_EQ(Run({"help", "deploi"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean `deploy`?"));
  EXPECT_EQ(Run({"__complete", "help", "de"}), 0);
  EXPECT_EQ(out_.str(), "deploy\n");
  EXPECT_EQ(Run({"__complete", "help", "hosts", "ad"}), 0);
  EXPECT_EQ(out_.str(), "add\nadopt\n");
}

TEST_F(CommandLineTest, UnexpectedArgumentsAreNamedInTheirOrder) {
  EXPECT_EQ(Run({"agent", "x", "stpo"}), 2);
  EXPECT_THAT(err_.str(), StartsWith("error: not expected: x stpo; did you mean `stop`?\n"));
}

TEST_F(CommandLineTest, ProgramsGetFailuresAsJson) {
  EXPECT_EQ(Run({"history", "--json"}), 2);
  EXPECT_THAT(out_.str(),
              StartsWith(R"({"failure":{"code":"SPEC_INVALID","message":"there is no)"));
  EXPECT_THAT(out_.str(), HasSubstr(R"("next_command":"write one with: davit init"}})"
                                    "\n"));
  EXPECT_THAT(err_.str(), StartsWith("error: there is no davit.yaml"));
  EXPECT_EQ(Run({"history", "--json", "--frobnicate"}), 2);
  EXPECT_THAT(out_.str(),
              StartsWith(R"({"failure":{"code":"SPEC_INVALID","message":"not expected)"));
  EXPECT_EQ(Run({"histroy", "--json"}), 2);
  EXPECT_THAT(out_.str(), HasSubstr("did you mean `history`?"));
  EXPECT_EQ(Run({"show", "\xFF", "--json", "--controller", "\xFF"}), 2);
  EXPECT_THAT(out_.str(), StartsWith(R"({"failure":{"code":"SPEC_INVALID","message":"the contr)"));
  EXPECT_THAT(out_.str(), HasSubstr("give it as unix:/path")) << "bytes that are no text are none";
  EXPECT_EQ(Run({"history"}), 2);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(CommandLineTest, ErrorsAreBrokenBetweenWords) {
  width_ = 40;
  EXPECT_EQ(Run({"history"}), 2);
  EXPECT_EQ(err_.str(),
            "error: there is no davit.yaml here or in\n"
            "a directory above (SPEC_INVALID)\n"
            "  Next:   write one with: davit init\n");
}

TEST_F(CommandLineTest, OutputThatCouldNotBeWrittenIsNoSuccess) {
  for (const char* verb : {"schema", "version", "--version", "help"}) {
    out_.setstate(std::ios::badbit);
    EXPECT_EQ(Run({verb}), 1) << verb;
    EXPECT_THAT(err_.str(), HasSubstr("standard output could not be written")) << verb;
  }
}

TEST_F(CommandLineTest, OutputThatCouldNotBeWrittenHidesNoOtherError) {
  out_.setstate(std::ios::badbit);
  EXPECT_EQ(Run({"history", "--json"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("there is no davit.yaml"));
  EXPECT_THAT(err_.str(), HasSubstr("standard output could not be written"));
}

// Its output is lost, as on a full disk.
class LostOutputTest : public ScriptedControllerTest {
 protected:
  int RunLost(const std::vector<std::string>& arguments) {
    out_.setstate(std::ios::badbit);
    const int code = Run(arguments);
    EXPECT_THAT(err_.str(), HasSubstr("standard output could not be written"));
    return code;
  }
};

TEST_F(LostOutputTest, ChangesNoCodeThatTellsWhatBecameOfADeployment) {
  EXPECT_EQ(RunLost({"deploy", "web", "-e", "dev", "--detach"}), 0) << err_.str();
  EXPECT_EQ(RunLost({"cancel", "d-1", "--json"}), 0) << err_.str();
}

TEST_F(LostOutputTest, OfAVerbThatOnlyTellsIsAFailure) {
  EXPECT_EQ(RunLost({"history", "-e", "dev", "--json"}), 1) << err_.str();
}

TEST_F(LostOutputTest, OfTheHelpOfAVerbThatDeploysIsAFailure) {
  EXPECT_EQ(RunLost({"deploy", "--help"}), 1);
  EXPECT_EQ(RunLost({"help", "cancel"}), 1);
}

}  // namespace
}  // namespace davit::commands
