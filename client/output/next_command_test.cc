#include "client/output/next_command.h"

#include <gtest/gtest.h>

#include "common/failure/catalogue.h"
#include "common/failure/failure.h"

namespace davit::output {
namespace {

TEST(CompleteCommands, LeadsACommandToTheSameController) {
  EXPECT_EQ(CompleteCommands("davit watch d-1", " --local"), "davit watch d-1 --local");
  EXPECT_EQ(CompleteCommands("look at it with `davit show`", " --local"),
            "look at it with `davit show --local`");
  EXPECT_EQ(CompleteCommands("list them with: davit history, then deploy", " --local"),
            "list them with: davit history --local, then deploy");
}

TEST(CompleteCommands, FindsEveryCommandOfASentence) {
  EXPECT_EQ(CompleteCommands("look with `davit hosts show a`, then run `davit hosts adopt a`",
                             " --controller x:1"),
            "look with `davit hosts show a --controller x:1`, then run "
            "`davit hosts adopt a --controller x:1`");
}

TEST(CompleteCommands, LeavesCommandsAloneThatNeedNoController) {
  for (const char* text :
       {"mend what is listed, then run `davit validate`", "davit init",
        "look at it with: davit agent status", "run davit as root", "run davit deploy as root",
        "davit show d-1 --local", "davit watch d-1 --controller unix:/x"}) {
    EXPECT_EQ(CompleteCommands(text, " --local"), text);
  }
}

TEST(CompleteCommands, AddsNothingWhenThereAreNoOptions) {
  EXPECT_EQ(CompleteCommands("davit watch d-1", ""), "davit watch d-1");
}

TEST(CompleteCommands, KnowsTheCataloguesCommands) {
  EXPECT_EQ(CompleteCommands(MakeFailure(v1::HOST_EXISTS, "").next_command(), " --local"),
            "give it another address with `davit hosts add --replace --local`");
  EXPECT_EQ(CompleteCommands(MakeFailure(v1::SPEC_INVALID, "").next_command(), " --local"),
            MakeFailure(v1::SPEC_INVALID, "").next_command());
}

TEST(CompleteCommands, FillsInTheDeploymentAndTheHost) {
  v1::Event event;
  event.set_deployment_id("d-1");
  event.mutable_step()->set_host("app2");
  *event.mutable_step()->mutable_failure() = MakeFailure(v1::STEP_TIMEOUT, "");
  CompleteCommands(event, "");
  EXPECT_EQ(event.step().failure().next_command(), "look at `davit show d-1`, then deploy again");
  *event.mutable_step()->mutable_failure() = MakeFailure(v1::HOST_NOT_ADOPTED, "");
  CompleteCommands(event, " --local");
  EXPECT_EQ(event.step().failure().next_command(),
            "look at what runs with `davit hosts show app2 --local`, then run "
            "`davit hosts adopt app2 --local`");

  v1::Deployment deployment;
  deployment.set_id("d-1");
  *deployment.mutable_failure() = MakeFailure(v1::INTERNAL, "");
  CompleteCommands(deployment, " --local");
  EXPECT_EQ(deployment.failure().next_command(),
            "report it with the output of `davit show d-1 --json --local`");
}

TEST(CompleteCommands, ReachesThePartsOfAFailure) {
  v1::CheckDeploymentResponse check;
  v1::CheckFinding& finding = *check.add_findings();
  finding.set_host("app2");
  *finding.mutable_failure()->add_parts() = MakeFailure(v1::HOST_NOT_ADOPTED, "");
  CompleteCommands(check, " --local");
  EXPECT_EQ(check.findings(0).failure().parts(0).next_command(),
            "look at what runs with `davit hosts show app2 --local`, then run "
            "`davit hosts adopt app2 --local`");
}

TEST(CompleteCommands, ReachesEveryFailureOfAnEvent) {
  v1::Event step;
  step.mutable_step()->mutable_failure()->set_next_command("davit show d-1");
  CompleteCommands(step, " --local");
  EXPECT_EQ(step.step().failure().next_command(), "davit show d-1 --local");

  v1::Event event;
  event.mutable_deployment()->mutable_failure()->set_next_command("davit show d-1");
  event.mutable_deployment()->mutable_rollback_failure()->set_next_command("davit show d-2");
  CompleteCommands(event, " --local");
  EXPECT_EQ(event.deployment().failure().next_command(), "davit show d-1 --local");
  EXPECT_EQ(event.deployment().rollback_failure().next_command(), "davit show d-2 --local");

  v1::Event log;
  log.mutable_log()->set_step_id("s");
  CompleteCommands(log, " --local");
  EXPECT_TRUE(log.has_log());
}

TEST(CompleteCommands, ReachesTheRestoreThatLeadsBack) {
  v1::Deployment deployment;
  v1::Failure& failure = *deployment.mutable_rollback_failure();
  failure.set_next_command("go back with `davit restore -e dev main a.dump`, which loses a lot");
  CompleteCommands(deployment, " --local");
  EXPECT_EQ(failure.next_command(),
            "go back with `davit restore -e dev main a.dump --local`, which loses a lot");
}

}  // namespace
}  // namespace davit::output
