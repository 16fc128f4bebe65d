#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/project/request.h"
#include "client/commands/project/starter_file.h"
#include "client/commands/testing/test_program.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

v1::Deployment Ended(v1::DeploymentState state, v1::FailureCode code = v1::INTERNAL) {
  v1::Deployment deployment;
  deployment.set_state(state);
  deployment.mutable_failure()->set_code(code);
  return deployment;
}

TEST(ExitCode, TellsHowADeploymentEnded) {
  EXPECT_EQ(ExitCodeOf(Ended(v1::SUCCEEDED)), 0);
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED)), 1);
  EXPECT_EQ(ExitCodeOf(Ended(v1::ROLLED_BACK)), 3);
  EXPECT_EQ(ExitCodeOf(Ended(v1::NEEDS_ATTENTION)), 4);
  EXPECT_EQ(ExitCodeOf(Ended(v1::CANCELLED)), 7);
}

TEST(ExitCode, TellsAHostThatDoesNotAnswerFromOtherFailures) {
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::HOST_UNREACHABLE)), 6);
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::CONTROLLER_UNREACHABLE)), 6);
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::HOST_NOT_ADOPTED)), 6);
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::NOT_AUTHORISED)), 6);
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::DOCKER_UNREACHABLE)), 6);
  EXPECT_EQ(ExitCodeOf(Ended(v1::ROLLED_BACK, v1::HOST_UNREACHABLE)), 3);
}

TEST(ExitCode, OfADatabaseFollowsWhatWasChanged) {
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::DATABASE_UNREACHABLE)), 1);
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::BACKUP_FAILED)), 1);
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::MIGRATION_FAILED)), 1);
  EXPECT_EQ(ExitCodeOf(Ended(v1::ROLLED_BACK, v1::MIGRATION_FAILED)), 3);
  EXPECT_EQ(ExitCodeOf(Ended(v1::NEEDS_ATTENTION, v1::MIGRATION_FAILED)), 4);
  // A rollback that is refused.
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::SCHEMA_NOT_SAFE, "")), 1);
}

TEST(ExitCode, OfADeploymentThatGoesOnSaysSo) {
  EXPECT_EQ(ExitCodeOf(Ended(v1::RUNNING)), 8);
  EXPECT_EQ(ExitCodeOf(Ended(v1::ROLLING_BACK)), 8);
}

TEST(ExitCode, TellsWhyACommandFailed) {
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::SPEC_INVALID, "")), 2);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::NOT_FOUND, "")), 2);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::HOST_UNKNOWN, "")), 2);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::HOST_EXISTS, "")), 2);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::HOST_IN_USE, "")), 1);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::LOCK_HELD, "")), 5);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::CONTROLLER_UNREACHABLE, "")), 6);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::HOST_UNREACHABLE, "")), 6);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::HOST_NOT_ADOPTED, "")), 6);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::NOT_AUTHORISED, "")), 6);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::DOCKER_UNREACHABLE, "")), 6);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::WRONG_STATE, "")), 1);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::SECRET_MISSING, "")), 2);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::VARIABLE_MISSING, "")), 2);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::FILE_FORMAT, "")), 2);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::SECRET_KEY_UNUSABLE, "")), 1);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::CONTAINER_NOT_OURS, "")), 1);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::BUILD_FAILED, "")), 1);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::ONE_OFF_INTERRUPTED, "")), 4);
  EXPECT_EQ(ExitCodeOf(absl::InternalError("")), 1);
}

v1::EnvironmentSpec Environment() {
  v1::EnvironmentSpec spec;
  spec.set_environment("dev");
  spec.add_hosts("dev-1");
  (*spec.mutable_apps())["web"].set_image("registry:5000/shop/web:old");
  (*spec.mutable_apps())["api"].set_image("shop/api");
  return spec;
}

TEST(DeploymentRequest, GivesTheTagToEveryAppThatIsReleased) {
  const auto request = MakeDeploymentRequest(Environment(), {.tag = "v2"});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->images().at("web"), "registry:5000/shop/web:v2");
  EXPECT_EQ(request->images().at("api"), "shop/api:v2");
  EXPECT_THAT(request->apps(), IsEmpty());
}

TEST(DeploymentRequest, PrefersAnImageToATag) {
  const auto request =
      MakeDeploymentRequest(Environment(), {.tag = "v2", .images = {"api=other/api:v9"}});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->images().at("api"), "other/api:v9");
  EXPECT_EQ(request->images().at("web"), "registry:5000/shop/web:v2");
}

TEST(DeploymentRequest, TakesAnImageWithoutAppWhenThereIsOnlyOne) {
  const auto request =
      MakeDeploymentRequest(Environment(), {.apps = {"web"}, .images = {"other/web:v9"}});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->images().at("web"), "other/web:v9");
}

TEST(DeploymentRequest, RefusesWhatCannotBeMeant) {
  const auto refused = [](const ReleaseOptions& options) {
    return MakeDeploymentRequest(Environment(), options).status();
  };
  EXPECT_TRUE(IsFailure(refused({.apps = {"wbe"}}), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(refused({.images = {"other/web:v9"}}), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(refused({.images = {"web=Not//an::image"}}), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(refused({.images = {"wbe=shop/web"}}), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(refused({.apps = {"web"}, .images = {"api=shop/api"}}), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(refused({.tag = "no tag"}), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(refused({.tag = "a@b"}), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(refused({.images = {"web=a:1", "web=b:1"}}), v1::SPEC_INVALID));
}

TEST(DeploymentRequest, RefusesATagThatNoAppIsLeftFor) {
  const auto request =
      MakeDeploymentRequest(Environment(), {.apps = {"web"}, .tag = "v2", .images = {"web=a:1"}});
  EXPECT_TRUE(IsFailure(request.status(), v1::SPEC_INVALID));
  EXPECT_THAT(std::string(request.status().message()), HasSubstr("--tag v2 is for no app"));
}

TEST(DeploymentRequest, InLocalModeGoesToThisMachine) {
  v1::EnvironmentSpec spec = Environment();
  EXPECT_TRUE(PutOnThisMachine(spec));
  EXPECT_EQ(spec.hosts(0), "local");
  EXPECT_FALSE(PutOnThisMachine(spec)) << "nothing changed the second time";
}

TEST(ProjectName, IsMadeOfADirectorysName) {
  EXPECT_EQ(ProjectNameFrom("My Shop_2"), "my-shop-2");
  EXPECT_EQ(ProjectNameFrom("--"), "project");
  EXPECT_EQ(ProjectNameFrom(std::string(60, 'a')), std::string(40, 'a'));
}

using CommandLineTest = ProgramTest;

constexpr char kTwoEnvironments[] = R"(project: shop
apps:
  web: {image: shop/web}
  api: {image: "shop/api:${API_TAG}"}
environments:
  dev: {}
  production: {hosts: [prod-1]}
)";

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
  Write(kTwoEnvironments);
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

TEST_F(CommandLineTest, EveryVerbThatTakesAnEnvironmentNamesThoseThatThereAre) {
  Write(kTwoEnvironments);
  const std::vector<std::vector<std::string>> commands = {
      {"deploy"}, {"plan"},        {"doctor"},      {"status"}, {"history"},
      {"show"},   {"show", "d-1"}, {"logs", "web"}, {"watch"},  {"watch", "d-1"}};
  variables_["DAVIT_CONTROLLER"] = "unix:" + directory_ + "/nobody";
  for (std::vector<std::string> command : commands) {
    command.insert(command.end(), {"-e", "prodution"});
    // Before anything is asked, and whatever else the file needs: API_TAG is not set.
    EXPECT_EQ(Run(command), 2) << command[0];
    EXPECT_THAT(err_.str(), HasSubstr("no environment \"prodution\" in davit.yaml; did you mean "
                                      "`production`?"))
        << command[0];
    EXPECT_THAT(err_.str(), HasSubstr("dev, production")) << command[0];
  }
}

TEST_F(CommandLineTest, AMissingIdIsAnsweredWithTheHistory) {
  EXPECT_EQ(Run({"cancel", "--local"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("davit history --local\n"));
}

TEST_F(CommandLineTest, WithoutIdOrEnvironmentBothAreAskedFor) {
  Write(kTwoEnvironments);
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

TEST_F(CommandLineTest, WhatInitWritesPassesValidateAndIsNotOverwritten) {
  EXPECT_EQ(Run({"init", "--image", "ghcr.io/shop/web", "--port", "8080"}), 0) << err_.str();
  EXPECT_EQ(Run({"validate"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "ok: 1 app, 1 environment\n");
  EXPECT_EQ(Run({"init"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("left as it is"));
}

TEST_F(CommandLineTest, InitRefusesAnImageThatIsNone) {
  EXPECT_EQ(Run({"init", "--image", "Not//an::image"}), 2);
  EXPECT_FALSE(std::filesystem::exists("davit.yaml"));
}

TEST_F(CommandLineTest, ValidateTellsAllProblemsWithTheirPlaces) {
  Write("project: shop\napps:\n  web: {imge: shop/web, retain: many}\nenvironments:\n  dev: {}\n");
  EXPECT_EQ(Run({"validate"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("davit.yaml:3:"));
  EXPECT_THAT(err_.str(), HasSubstr("retain"));
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(Run({"validate", "--json"}), 2);
  EXPECT_THAT(out_.str(), HasSubstr("\"line\": 3"));
}

TEST_F(CommandLineTest, TheFileIsFoundFromADirectoryBelow) {
  Write("project: shop\napps:\n  web: {image: shop/web}\nenvironments:\n  dev: {}\n");
  std::filesystem::create_directories("a/b");
  std::filesystem::current_path("a/b");
  EXPECT_EQ(Run({"validate"}), 0) << err_.str();
}

TEST_F(CommandLineTest, WithoutAFileInitIsSuggested) {
  EXPECT_EQ(Run({"deploy", "--local"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("davit init"));
}

TEST_F(CommandLineTest, AnEnvironmentMustBeNamedWhenThereAreSeveral) {
  Write(kTwoEnvironments);
  variables_["API_TAG"] = "v1";
  EXPECT_EQ(Run({"deploy"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("dev, production"));
  EXPECT_EQ(Run({"deploy", "-e", "dve"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("dev"));
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

TEST_F(CommandLineTest, CompletesVerbsOptionsEnvironmentsAndApps) {
  Write(kTwoEnvironments);
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

TEST_F(CommandLineTest, PrintsAScriptForEachShell) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_EQ(Run({"completion", shell}), 0);
    EXPECT_THAT(out_.str(), HasSubstr("__complete")) << shell;
  }
  EXPECT_EQ(Run({"completion", "cmd"}), 2);
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

TEST_F(CommandLineTest, InitAdvisesToCheckTheFileThatItWrote) {
  EXPECT_EQ(Run({"init", "-f", "my shop.yaml"}), 0) << err_.str();
  EXPECT_EQ(err_.str(), "wrote my shop.yaml; check it with: davit validate -f 'my shop.yaml'\n");
  EXPECT_EQ(Run({"init", "-f", "my shop.yaml"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("check it with: davit validate -f 'my shop.yaml'"));
}

TEST_F(CommandLineTest, SaysThatThereAreMoreProblemsThanAreListed) {
  std::string keys;
  for (int i = 0; i < 1500; ++i) absl::StrAppend(&keys, "unknown", i, ": 1\n");
  Write(keys);
  EXPECT_EQ(Run({"validate"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("davit.yaml: 1000 problems; further ones are not listed\n"));
}

TEST_F(CommandLineTest, SaysWhyAFileCannotBeRead) {
  EXPECT_EQ(Run({"validate", "-f", "missing.yaml"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("missing.yaml cannot be read: No such file or directory"));
  EXPECT_EQ(Run({"validate", "-f", "."}), 2);
  EXPECT_THAT(err_.str(), HasSubstr(". cannot be read: Is a directory"));
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

// What bash would offer after `line`, its last word being typed.
class BashCompletionTest : public CommandLineTest {
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
