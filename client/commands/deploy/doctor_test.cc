#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/commands/testing/scripted_controller.h"
#include "common/failure/failure.h"
#include "nlohmann/json.hpp"

namespace davit::commands {
namespace {

using ::testing::HasSubstr;

class DoctorTest : public ScriptedControllerTest {
 protected:
  void Find(const std::string& host, const v1::Failure& failure, bool warning = false) {
    v1::CheckFinding& finding = *controller_.check.add_findings();
    finding.set_host(host);
    finding.set_app("web");
    finding.set_warning(warning);
    *finding.mutable_failure() = failure;
  }
};

TEST_F(DoctorTest, SaysThatNothingStandsInTheWay) {
  EXPECT_EQ(Run({"doctor", "web", "-e", "dev", "--adopt", "old-web"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("ok: nothing stands in the way"));
  EXPECT_EQ(err_.str(), "checking dev on dev-1, dev-2 …\n");
  EXPECT_EQ(controller_.asked().adopt().at("web"), "old-web");
  EXPECT_EQ(controller_.asked().apps(0), "web");
}

TEST_F(DoctorTest, ShowsEveryFindingOfEveryHost) {
  Find("dev-1", MakeFailure(v1::PORT_IN_USE, "port 80 is taken", {"nginx has it"}));
  Find("dev-2", MakeFailure(v1::VOLUME_UNWRITABLE, "uid 1000 cannot write /srv/media"));
  Find("dev-2", MakeFailure(v1::HOST_NOT_ADOPTED, "it follows another"));
  EXPECT_EQ(Run({"doctor", "-e", "dev", "-q", "--controller", variables_["DAVIT_CONTROLLER"]}), 1);
  EXPECT_EQ(err_.str(), "") << "quiet";
  for (const char* part :
       {"dev-1\n", "port 80 is taken (PORT_IN_USE)\n", "nginx has it\n", "dev-2\n",
        "uid 1000 cannot write /srv/media (VOLUME_UNWRITABLE)\n", "3 findings"}) {
    EXPECT_THAT(out_.str(), HasSubstr(part));
  }
  EXPECT_THAT(out_.str(), HasSubstr("`davit hosts adopt dev-2 --controller unix:"))
      << "commands can be run as they stand";
}

TEST_F(DoctorTest, CountsEachPartOfWhatOneStepFound) {
  v1::Failure failure = MakeFailure(v1::PORT_IN_USE, "port 80 is taken");
  *failure.add_parts() = MakeFailure(v1::PORT_IN_USE, "port 80 is taken");
  *failure.add_parts() = MakeFailure(v1::HOST_NOT_ADOPTED, "it follows another");
  Find("dev-1", failure);
  EXPECT_EQ(Run({"doctor", "-e", "dev", "--controller", variables_["DAVIT_CONTROLLER"]}), 1);
  EXPECT_THAT(out_.str(), HasSubstr("2 findings"));
  EXPECT_THAT(out_.str(), HasSubstr("`davit hosts adopt dev-1 --controller unix:"));
}

// What a failure advises, `davit history`, is to work as it stands.
TEST_F(DoctorTest, HistoryNeedsNoEnvironmentWhereThereAreSeveral) {
  for (const char* environment : {"dev", "staging"}) {
    v1::Deployment& deployment = *controller_.history.add_deployments();
    deployment.set_id("d-1");
    deployment.set_environment(environment);
  }
  EXPECT_EQ(Run({"history"}), 0) << err_.str();
  EXPECT_EQ(controller_.listed().project(), "shop");
  EXPECT_EQ(controller_.listed().environment(), "");
  EXPECT_THAT(out_.str(), HasSubstr("ENVIRONMENT"));
  EXPECT_EQ(Run({"history", "-e", "dev"}), 0) << err_.str();
  EXPECT_EQ(controller_.listed().environment(), "dev");
}

TEST_F(DoctorTest, TheFirstDeploymentIsAdvisedWithItsEnvironment) {
  EXPECT_EQ(Run({"show", "-e", "dev"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("davit deploy -e dev\n"));
}

TEST_F(DoctorTest, AWarningAloneIsNoFailure) {
  Find("dev-1", MakeFailure(v1::CHECK_FAILED, "check settings failed"), /*warning=*/true);
  EXPECT_EQ(Run({"doctor", "-e", "dev"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("warning web: check settings failed"));
}

TEST_F(DoctorTest, GivesProgramsAllOfIt) {
  Find("dev-1", MakeFailure(v1::PORT_IN_USE, "port 80 is taken"));
  controller_.check.add_steps()->set_title("pull web");
  EXPECT_EQ(Run({"doctor", "-e", "dev", "--json"}), 1);
  const auto json = nlohmann::json::parse(out_.str());
  EXPECT_EQ(json["findings"][0]["host"], "dev-1");
  EXPECT_EQ(json["findings"][0]["failure"]["code"], "PORT_IN_USE");
  EXPECT_EQ(json["steps"][0]["title"], "pull web");
}

TEST_F(DoctorTest, GivesProgramsAnEmptyListWhereThereIsNothingToFind) {
  controller_.check.add_steps()->set_title("pull web");
  EXPECT_EQ(Run({"doctor", "-e", "dev", "--json"}), 0);
  const auto json = nlohmann::json::parse(out_.str());
  EXPECT_EQ(json["findings"], nlohmann::json::array());
  EXPECT_EQ(json["steps"].size(), 1U);
}

TEST_F(DoctorTest, EndsWithTwoForSecretsThatAreNotSetAndNamesEachCommand) {
  controller_.error = FailureStatus(
      v1::SECRET_MISSING, "a secret is not set",
      {"TOKEN: wanted by apps.web.env.secret, not set for dev (davit secrets set TOKEN -e dev)"});
  const std::string options = " --controller " + variables_["DAVIT_CONTROLLER"];
  EXPECT_EQ(Run({"doctor", "-e", "dev", "--controller", variables_["DAVIT_CONTROLLER"]}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("(davit secrets set TOKEN -e dev" + options + ")"));
}

TEST_F(DoctorTest, EndsWithSixForAControllerThatIsNotThere) {
  EXPECT_EQ(Run({"doctor", "-e", "dev", "--controller", "unix:" + directory_ + "/nobody"}), 6);
}

TEST_F(DoctorTest, EndsWithEightWhenItShouldWaitNoLonger) {
  controller_.checks_for_ever = true;
  EXPECT_EQ(Run({"doctor", "-e", "dev", "--wait-timeout", "0s"}), 8);
  EXPECT_THAT(err_.str(), HasSubstr("--wait-timeout"));
}

}  // namespace
}  // namespace davit::commands
