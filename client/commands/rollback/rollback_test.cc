#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "client/commands/rollback/rollback_releases.h"
#include "client/commands/testing/scripted_controller.h"
#include "client/output/json.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// web v1 and v2 were live one after the other; v2 is.
class RollbackVerb : public ScriptedControllerTest {
 protected:
  RollbackVerb() {
    in_descriptor_ = nobody_;
    AddDeployment(2, v1::SUCCEEDED);
    AddDeployment(3, v1::ROLLED_BACK);
    AddDeployment(1, v1::SUCCEEDED);
    SetLive(2);
    v1::Deployment& planned = *controller_.plan.mutable_deployment();
    planned.set_environment("dev");
    v1::Release& release = *planned.add_releases();
    release.set_app("web");
    release.set_number(4);
    release.set_replaces(2);
    controller_.plan.add_notes("web v4 is v1 again");
  }
  ~RollbackVerb() override {
    close(nobody_);
    if (typed_ >= 0) close(typed_);
    if (terminal_ >= 0) close(terminal_);
  }

  void AddDeployment(int64_t number, v1::DeploymentState state) {
    v1::Deployment& deployment = *controller_.history.add_deployments();
    deployment.set_state(state);
    deployment.mutable_end_time()->set_seconds(1'800'000'000 + number * 60);
    v1::Release& release = *deployment.add_releases();
    release.set_app("web");
    release.set_number(number);
    release.set_image_reference("shop/web:" + std::to_string(number));
  }
  void SetLive(int64_t number) {
    controller_.status.Clear();
    v1::AppStatus& row = *controller_.status.add_apps();
    row.set_app("web");
    row.mutable_release()->set_number(number);
  }
  int RollBack(std::vector<std::string> more) {
    std::vector<std::string> words = {"rollback", "-e", "dev", "--detach"};
    words.insert(words.end(), more.begin(), more.end());
    return Run(words);
  }
  // On a terminal on which `text` was typed.
  int RollBackTyping(const std::string& text, std::vector<std::string> more) {
    EXPECT_EQ(openpty(&typed_, &terminal_, nullptr, nullptr, nullptr), 0);
    EXPECT_EQ(write(typed_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    in_descriptor_ = terminal_;
    return RollBack(std::move(more));
  }

 private:
  const int nobody_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
  int typed_ = -1;
  int terminal_ = -1;
};

TEST_F(RollbackVerb, ShowsThePlanAndNeedsYesWhereNobodyCanBeAsked) {
  EXPECT_EQ(RollBack({"web"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("web v4 is v1 again"));
  EXPECT_THAT(err_.str(), HasSubstr("a rollback must be confirmed"));
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(controller_.created, 0);
}

TEST_F(RollbackVerb, PrintsTheWholeCommandThatWouldDoIt) {
  width_ = 40;
  std::filesystem::rename("davit.yaml", "it's the shop.yaml");
  EXPECT_EQ(RollBack({"-f", "it's the shop.yaml", "--to", "web=1", "--schema=keep", "web"}), 2);
  EXPECT_THAT(err_.str(),
              EndsWith("run this:\ndavit rollback -e dev --detach -f 'it'\\''s the shop.yaml' --to "
                       "web=1 --schema=keep web --yes\n"));
  EXPECT_EQ(RollBack({"-f", "it's the shop.yaml", "--", "web"}), 2);
  EXPECT_THAT(err_.str(), EndsWith(" --yes -- web\n"));
}

TEST_F(RollbackVerb, GivesThePlanToAScriptThatDecides) {
  EXPECT_EQ(RollBack({"web", "--json"}), 2);
  const std::string answer = out_.str();
  EXPECT_THAT(answer, StartsWith(R"({"failure":{"code":"SPEC_INVALID")"));
  EXPECT_THAT(answer, HasSubstr("davit rollback -e dev --detach web --json --yes\""));
  EXPECT_EQ(std::count(answer.begin(), answer.end(), '\n'), 1);
  EXPECT_THAT(answer,
              EndsWith(absl::StrCat(",\"plan\":", output::ToJsonLine(controller_.plan), "}\n")));
  EXPECT_EQ(controller_.created, 0);
}

TEST_F(RollbackVerb, ShowsThePlanAndLeavesTheChoiceToTheController) {
  EXPECT_EQ(RollBack({"web", "--yes"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "d-1\n");
  EXPECT_THAT(err_.str(), HasSubstr("web v4 is v1 again"));
  const v1::DeploymentRequest asked = controller_.asked();
  EXPECT_TRUE(asked.has_rollback());
  EXPECT_THAT(asked.apps(), ElementsAre("web"));
  EXPECT_THAT(asked.rollback().releases(), IsEmpty());
  EXPECT_EQ(asked.rollback().schema(), v1::RollbackRequest::SCHEMA_UNSPECIFIED);
  EXPECT_THAT(asked.submitted_by(), HasSubstr("@"));
  EXPECT_EQ(RollBack({"web", "--yes", "--quiet"}), 0);
  EXPECT_EQ(err_.str(), "");
}

TEST_F(RollbackVerb, TakesReleasesAndTheSchemaAsTheyAreNamed) {
  EXPECT_EQ(RollBack({"web", "--to", "v1", "--schema", "restore", "-y"}), 0) << err_.str();
  EXPECT_EQ(controller_.asked().rollback().releases().at("web"), 1);
  EXPECT_EQ(controller_.asked().rollback().schema(), v1::RollbackRequest::RESTORE);
  EXPECT_EQ(RollBack({"web", "v7", "-y"}), 0) << err_.str();
  EXPECT_EQ(controller_.asked().rollback().releases().at("web"), 7);
  EXPECT_EQ(RollBack({"--schema", "keep", "-y", "--to", "web=1", "--to", "api=7", "web", "api"}), 0)
      << err_.str();
  EXPECT_EQ(controller_.asked().rollback().releases().at("api"), 7);
  EXPECT_EQ(controller_.asked().rollback().schema(), v1::RollbackRequest::KEEP);
}

TEST_F(RollbackVerb, RefusesWhatIsNoReleaseOrOfNoApp) {
  EXPECT_EQ(RollBack({"--to", "1", "-y"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--to 1: of which app?"));
  EXPECT_EQ(RollBack({"web", "--to", "api=1", "-y"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("api is not rolled back"));
  EXPECT_EQ(RollBack({"web", "--to", "latest", "-y"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("'latest' is no number of a release"));
  EXPECT_EQ(RollBack({"web", "--schema", "drop", "-y"}), 2);
  EXPECT_EQ(RollBack({"wbe", "-y"}), 2);
}

TEST_F(RollbackVerb, ShowsOnATerminalWhatWasLiveAndAsksWhichAndWhether) {
  variables_["TZ"] = "UTC";
  EXPECT_EQ(RollBackTyping("1\nyes\n", {"web"}), 0) << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("web v2   shop/web:2"));
  EXPECT_THAT(err_.str(), HasSubstr("live now\n"));
  EXPECT_THAT(err_.str(), HasSubstr("web v1   shop/web:1"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("shop/web:3"))) << "that was never live";
  EXPECT_THAT(err_.str(), HasSubstr("Roll back dev? Type yes to go on: "));
  EXPECT_EQ(controller_.asked().rollback().releases().at("web"), 1);
}

TEST_F(RollbackVerb, LeavesTheReleaseToTheControllerWhenNoneIsTyped) {
  EXPECT_EQ(RollBackTyping("\nyes\n", {"web"}), 0) << err_.str();
  EXPECT_THAT(controller_.asked().rollback().releases(), IsEmpty());
}

TEST_F(RollbackVerb, DoesNothingUnlessItIsConfirmed) {
  EXPECT_EQ(RollBackTyping("\nno\n", {"web"}), 7);
  EXPECT_THAT(err_.str(), HasSubstr("not confirmed; nothing was done"));
  EXPECT_EQ(out_.str(), "");
}

TEST_F(RollbackVerb, UndoesNothingThatBecameLiveWhileItWaitedForTheLock) {
  controller_.locked = true;
  controller_.being_deployed = controller_.status;
  controller_.being_deployed.mutable_apps(0)->mutable_release()->set_number(3);
  EXPECT_EQ(RollBack({"web", "--yes", "--lock-wait", "20s"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("web v3 has become live since the plan was made"));
  EXPECT_EQ(controller_.created, 0);
}

TEST_F(RollbackVerb, TellsWhyTheControllerRefuses) {
  controller_.error = FailureStatus(v1::SCHEMA_NOT_SAFE, "the schema of main was changed");
  EXPECT_EQ(RollBack({"web", "-y"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("the schema of main was changed"));
  EXPECT_THAT(err_.str(), HasSubstr("--schema keep"));
}

TEST_F(RollbackVerb, CompletesAppsAndWaysWithTheSchemaButNoEnvironmentsForTo) {
  EXPECT_EQ(Run({"__complete", "rollback", "w"}), 0);
  EXPECT_EQ(out_.str(), "web\n");
  EXPECT_EQ(Run({"__complete", "rollback", "--schema", ""}), 0);
  EXPECT_EQ(out_.str(), "command\nkeep\nrestore\n");
  EXPECT_EQ(Run({"__complete", "rollback", "--to", ""}), 0);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(RollbackVerb, CompletesTheReleasesThatThereAreToGoBackTo) {
  EXPECT_EQ(Run({"__complete", "rollback", "-e", "dev", "web", "--to", ""}), 0);
  EXPECT_EQ(out_.str(), "1\n") << "v2 is live, and v3 never was";
  EXPECT_EQ(Run({"__complete", "rollback", "-e", "dev", "--to", "w"}), 0);
  EXPECT_EQ(out_.str(), "web=1\n");
  variables_["DAVIT_CONTROLLER"] = "unix:" + directory_ + "/nobody";
  EXPECT_EQ(Run({"__complete", "rollback", "-e", "dev", "web", "--to", ""}), 0);
  EXPECT_EQ(out_.str() + err_.str(), "");
}

// dev has the hosts dev-1 and dev-2.
class RollbackWithoutHosts : public RollbackVerb {
 protected:
  RollbackWithoutHosts() {
    controller_.error = FailureStatus(v1::HOST_UNREACHABLE, "the worker does not answer");
  }
  void AddHost(const std::string& name, v1::Host::State state) {
    v1::Host& host = *controller_.hosts.add_hosts();
    host.set_name(name);
    host.set_state(state);
  }
};

TEST_F(RollbackWithoutHosts, SaysHowToGoBackOnTheOthers) {
  AddHost("dev-1", v1::Host::ONLINE);
  AddHost("dev-2", v1::Host::AWAY);
  AddHost("elsewhere", v1::Host::AWAY);
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"web", "--yes"}, {"--yes", "--schema", "keep"}, {}}) {
    EXPECT_EQ(RollBack(words), 6);
    EXPECT_THAT(err_.str(), HasSubstr("check the worker on that host; or go back without dev-2: "
                                      "take dev-2 out of `hosts` in davit.yaml for dev, and run "
                                      "this again"));
  }
}

TEST_F(RollbackWithoutHosts, IsNoWayWhereADatabaseIsPutBack) {
  AddHost("dev-1", v1::Host::ONLINE);
  AddHost("dev-2", v1::Host::AWAY);
  for (const char* schema : {"command", "restore"}) {
    EXPECT_EQ(RollBack({"web", "--yes", "--schema", schema}), 6);
    EXPECT_THAT(err_.str(), Not(HasSubstr("go back without"))) << schema;
  }
}

TEST_F(RollbackWithoutHosts, IsNoWayWhereNoneIsLeftOrNothingIsKnownOfThem) {
  EXPECT_EQ(RollBack({"web", "--yes"}), 6);
  EXPECT_THAT(err_.str(), Not(HasSubstr("go back without")));
  AddHost("dev-1", v1::Host::AWAY);
  AddHost("dev-2", v1::Host::AWAY);
  EXPECT_EQ(RollBack({"web", "--yes"}), 6);
  EXPECT_THAT(err_.str(), Not(HasSubstr("go back without")));
}

}  // namespace
}  // namespace davit::commands
