#include "client/output/findings_text.h"

#include <gtest/gtest.h>

#include "common/failure/failure.h"

namespace davit::output {
namespace {

void AddFinding(v1::CheckDeploymentResponse& check, const std::string& host,
                const std::string& message, bool warning = false) {
  v1::CheckFinding& finding = *check.add_findings();
  finding.set_host(host);
  finding.set_app("web");
  finding.set_warning(warning);
  finding.mutable_failure()->set_code(v1::PORT_IN_USE);
  finding.mutable_failure()->set_message(message);
}

void AddStep(v1::CheckDeploymentResponse& check, const std::string& host, v1::StepState state) {
  v1::Step& step = *check.add_steps();
  step.set_host(host);
  step.set_state(state);
}

TEST(FindingsText, HasThemUnderTheirHostsAndTheWarningsOfEachLast) {
  v1::CheckDeploymentResponse check;
  AddFinding(check, "dev-1", "port 80 is taken");
  AddFinding(check, "dev-2", "the disk is nearly full", /*warning=*/true);
  AddFinding(check, "", "TOKEN is not set");
  AddFinding(check, "dev-2", "port 81 is taken");
  check.mutable_findings(0)->mutable_failure()->add_evidence("nginx listens on it");
  check.mutable_findings(0)->mutable_failure()->set_next_command("stop it");
  AddStep(check, "dev-1", v1::STEP_FAILED);
  AddStep(check, "dev-2", v1::STEP_WARNED);
  AddStep(check, "dev-2", v1::STEP_SUCCEEDED);
  AddStep(check, "dev-3", v1::STEP_SKIPPED);
  EXPECT_EQ(FindingsText(check, "dev", Style{}),
            "environment dev\n"
            "  FAILED web: TOKEN is not set (PORT_IN_USE)\n"
            "dev-1\n"
            "  FAILED web: port 80 is taken (PORT_IN_USE)\n"
            "      - nginx listens on it\n"
            "      Next:   stop it\n"
            "dev-2\n"
            "  FAILED web: port 81 is taken (PORT_IN_USE)\n"
            "  warning web: the disk is nearly full (PORT_IN_USE)\n"
            "3 findings, 1 warning (3 steps on 2 hosts)\n");
}

TEST(FindingsText, SaysThatAllIsWell) {
  v1::CheckDeploymentResponse check;
  AddStep(check, "dev-1", v1::STEP_SUCCEEDED);
  EXPECT_EQ(FindingsText(check, "dev", Style{}),
            "ok: nothing stands in the way of a deployment (1 step on 1 host)\n");
  EXPECT_EQ(CountObstacles(check), 0);
}

TEST(FindingsText, AWarningStandsInNobodysWay) {
  v1::CheckDeploymentResponse check;
  AddFinding(check, "dev-1", "it runs as root", /*warning=*/true);
  AddStep(check, "dev-1", v1::STEP_WARNED);
  EXPECT_EQ(FindingsText(check, "dev", Style{.unicode = true}),
            "dev-1\n"
            "  ! web: it runs as root (PORT_IN_USE)\n"
            "ok: nothing stands in the way of a deployment (1 step on 1 host, 1 warning)\n");
  EXPECT_EQ(CountObstacles(check), 0);
}

TEST(FindingsText, CountsAndShowsEachThingThatOneStepFound) {
  v1::CheckDeploymentResponse check;
  AddFinding(check, "dev-1", "port 80 is taken");
  AddFinding(check, "dev-1", "the disk is nearly full", /*warning=*/true);
  v1::Failure& failure = *check.mutable_findings(0)->mutable_failure();
  v1::Failure& port = *failure.add_parts();
  port.set_code(v1::PORT_IN_USE);
  port.set_message("port 80 is taken");
  v1::Failure& volume = *failure.add_parts();
  volume.set_code(v1::VOLUME_UNWRITABLE);
  volume.set_message("uid 1000 cannot write /data");
  volume.set_next_command("chown it");
  EXPECT_EQ(FindingsText(check, "dev", Style{}),
            "dev-1\n"
            "  FAILED web: port 80 is taken (PORT_IN_USE)\n"
            "  FAILED web: uid 1000 cannot write /data (VOLUME_UNWRITABLE)\n"
            "      Next:   chown it\n"
            "  warning web: the disk is nearly full (PORT_IN_USE)\n"
            "2 findings, 1 warning (0 steps on 0 hosts)\n");
  EXPECT_EQ(CountObstacles(check), 2);
}

TEST(FindingsText, ShowsTheLastLinesOfACheckThatFailed) {
  v1::CheckDeploymentResponse check;
  AddFinding(check, "dev-1", "check settings exited with 1");
  check.mutable_findings(0)->mutable_failure()->set_code(v1::CHECK_FAILED);
  check.mutable_findings(0)->mutable_failure()->add_log_tail("DEBUG is on");
  EXPECT_EQ(FindingsText(check, "dev", Style{}),
            "dev-1\n"
            "  FAILED web: check settings exited with 1 (CHECK_FAILED)\n"
            "      Last lines of its log:\n"
            "        | DEBUG is on\n"
            "1 finding (0 steps on 0 hosts)\n");
}

}  // namespace
}  // namespace davit::output
