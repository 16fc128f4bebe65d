#include "client/output/deployment_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/output/github_text.h"
#include "client/output/release_maker.h"

namespace davit::output {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::ListDeploymentsResponse OneEntry() {
  v1::ListDeploymentsResponse history;
  v1::Deployment* deployment = history.add_deployments();
  deployment->set_id("d-01m886ewqnq2vha555v1");
  deployment->set_state(v1::ROLLED_BACK);
  deployment->set_submitted_by("ann@desk");
  deployment->mutable_create_time()->set_seconds(kServesSince);
  deployment->mutable_end_time()->set_seconds(kServesSince + 2);
  deployment->mutable_failure()->set_code(v1::HEALTH_STATUS);
  *deployment->add_releases() = ReleaseOf("web", 3, "");
  return history;
}

TEST(HistoryText, ShowsTheTagBesideTheNumber) {
  EXPECT_EQ(
      HistoryText(OneEntry(), absl::UTCTimeZone(), 0),
      "DEPLOYMENT              WHEN                 WHO       RELEASES            STATE        "
      "TOOK  FAILURE\n"
      "d-01m886ewqnq2vha555v1  2023-11-14 22:13:20  ann@desk  web v3 (tag 1.4.0)  rolled back  "
      "2.0s  HEALTH_STATUS\n");
}

TEST(HistoryText, KeepsToANarrowTerminal) {
  EXPECT_EQ(HistoryText(OneEntry(), absl::UTCTimeZone(), 55),
            "DEPLOYMENT              RELEASES            STATE\n"
            "d-01m886ewqnq2vha555v1  web v3 (tag 1.4.0)  rolled back\n");
  EXPECT_EQ(HistoryText(OneEntry(), absl::UTCTimeZone(), 40),
            "d-01m886ewqnq2vha555v1\n"
            "  when        11-14 22:13\n"
            "  who         ann@desk\n"
            "  releases    web v3 (tag 1.4.0)\n"
            "  state       rolled back\n"
            "  took        2.0s\n"
            "  failure     HEALTH_STATUS\n");
}

TEST(HistoryText, HasTheFailureBeforeAllElse) {
  v1::ListDeploymentsResponse history = OneEntry();
  history.mutable_deployments(0)->mutable_releases(0)->set_image_reference("shop/web:v2");
  EXPECT_EQ(HistoryText(history, absl::UTCTimeZone(), 80),
            "DEPLOYMENT              WHEN         RELEASES         STATE        FAILURE\n"
            "d-01m886ewqnq2vha555v1  11-14 22:13  web v3 (tag v2)  rolled back  HEALTH_STATUS\n");
  EXPECT_EQ(HistoryText(history, absl::UTCTimeZone(), 79),
            "DEPLOYMENT              WHO       RELEASES         STATE        FAILURE\n"
            "d-01m886ewqnq2vha555v1  ann@desk  web v3 (tag v2)  rolled back  HEALTH_STATUS\n");
}

TEST(HistoryText, SaysAlsoWhyAHumanIsNeeded) {
  v1::ListDeploymentsResponse history = OneEntry();
  v1::Deployment& deployment = *history.mutable_deployments(0);
  deployment.set_state(v1::NEEDS_ATTENTION);
  deployment.mutable_rollback_failure()->set_code(v1::SCHEMA_NOT_SAFE);
  EXPECT_THAT(HistoryText(history, absl::UTCTimeZone(), 0),
              HasSubstr("needs attention  2.0s  HEALTH_STATUS, SCHEMA_NOT_SAFE\n"));
  deployment.mutable_failure()->set_code(v1::SCHEMA_NOT_SAFE);
  EXPECT_THAT(HistoryText(history, absl::UTCTimeZone(), 0), HasSubstr("2.0s  SCHEMA_NOT_SAFE\n"));
}

TEST(JobSummary, SaysAlsoWhyAHumanIsNeeded) {
  v1::Deployment deployment = OneEntry().deployments(0);
  deployment.set_environment("dev");
  deployment.set_state(v1::NEEDS_ATTENTION);
  deployment.mutable_rollback_failure()->set_code(v1::SCHEMA_NOT_SAFE);
  deployment.mutable_rollback_failure()->set_message("the schema was changed");
  const std::string text = JobSummary(deployment);
  EXPECT_THAT(text, HasSubstr("to **dev**: HEALTH_STATUS, SCHEMA_NOT_SAFE\n"));
  EXPECT_THAT(text, HasSubstr("the schema was changed (SCHEMA_NOT_SAFE)"));
}

TEST(HistoryText, NamesTheEnvironmentsWhereThereAreSeveral) {
  v1::ListDeploymentsResponse history = OneEntry();
  history.mutable_deployments(0)->set_environment("dev");
  EXPECT_THAT(HistoryText(history, absl::UTCTimeZone(), 0), Not(HasSubstr("ENVIRONMENT")));
  *history.add_deployments() = history.deployments(0);
  history.mutable_deployments(1)->set_environment("staging");
  const std::string text = HistoryText(history, absl::UTCTimeZone(), 0);
  EXPECT_THAT(text, HasSubstr("DEPLOYMENT              ENVIRONMENT  WHEN"));
  EXPECT_THAT(text, HasSubstr("d-01m886ewqnq2vha555v1  staging      "));
}

TEST(HistoryText, HasNoColumnForFailuresThatNeverWere) {
  v1::ListDeploymentsResponse history = OneEntry();
  history.mutable_deployments(0)->clear_failure();
  EXPECT_THAT(HistoryText(history, absl::UTCTimeZone(), 0), Not(HasSubstr("FAILURE")));
}

TEST(StatusText, HasATimeOnlyForWhatRuns) {
  v1::GetStatusResponse status = Serving(ReleaseOf("web", 2, "sha256:a"));
  const absl::Time now = absl::FromUnixSeconds(kServesSince + 54);
  EXPECT_THAT(StatusText(status, now, 0), HasSubstr("shop-web   running  54.0s\n"));
  status.mutable_apps(0)->set_container_state("exited");
  EXPECT_THAT(StatusText(status, now, 0), HasSubstr("shop-web   exited  -\n"));
}

TEST(StatusText, HasAColumnForHealthOnlyWhereDockerLooksAtIt) {
  v1::GetStatusResponse status = Serving(ReleaseOf("web", 2, "sha256:a"));
  const absl::Time now = absl::FromUnixSeconds(kServesSince);
  EXPECT_THAT(StatusText(status, now, 0), Not(HasSubstr("HEALTH")));
  status.mutable_apps(0)->set_health("starting");
  EXPECT_THAT(StatusText(status, now, 0), HasSubstr("HEALTH"));
}

TEST(StatusText, BreaksItsSentencesBetweenWords) {
  v1::GetStatusResponse status = Serving(ReleaseOf("web", 2, "sha256:a"));
  status.mutable_apps(0)->set_problem("the container has exited with code 3");
  EXPECT_THAT(StatusText(status, absl::FromUnixSeconds(kServesSince), 40),
              HasSubstr("web on dev-1: the container has exited\nwith code 3\n"));
}

TEST(StatusText, KeepsToANarrowTerminal) {
  const v1::GetStatusResponse status = Serving(ReleaseOf("web", 2, "sha256:a"));
  const absl::Time now = absl::FromUnixSeconds(kServesSince + 5);
  EXPECT_THAT(StatusText(status, now, 0), HasSubstr("shop/web:1.4.0  shop-web"));
  const std::string narrow = StatusText(status, now, 50);
  EXPECT_THAT(narrow, HasSubstr("APP  HOST   RELEASE  CONTAINER  STATE    SINCE\n"));
  EXPECT_THAT(narrow, Not(HasSubstr("IMAGE")));
}

TEST(StatusText, NamesWhatIsBeingReleased) {
  v1::GetStatusResponse status;
  *status.mutable_running() = OneEntry().deployments(0);
  status.mutable_running()->set_state(v1::RUNNING);
  EXPECT_THAT(StatusText(status, absl::UnixEpoch(), 0),
              HasSubstr("deployment d-01m886ewqnq2vha555v1: web v3 (tag 1.4.0) is running, "
                        "by ann@desk\n"));
}

TEST(DeploymentText, NamesTheImageInEveryRepositoryThatHasIt) {
  v1::Deployment deployment = OneEntry().deployments(0);
  deployment.mutable_releases(0)->add_image_digests("mirror.example/shop/web@sha256:d");
  deployment.mutable_releases(0)->add_image_digests("shop/web@sha256:d");
  EXPECT_THAT(DeploymentText(deployment, absl::UTCTimeZone(), Style{}),
              HasSubstr("web v3: shop/web:1.4.0\n  mirror.example/shop/web@sha256:d\n"
                        "  shop/web@sha256:d\n"));
}

TEST(DeploymentText, KeepsToANarrowTerminal) {
  v1::Deployment deployment = OneEntry().deployments(0);
  v1::Step* step = deployment.add_steps();
  step->set_title("start web v3");
  step->set_host("dev-1");
  step->set_state(v1::STEP_SUCCEEDED);
  step->set_summary("container 89e301b71a0a");
  EXPECT_THAT(DeploymentText(deployment, absl::UTCTimeZone(), Style{.width = 30}),
              HasSubstr("  STATE      STEP\n  succeeded  start web v3\n"));
  *deployment.add_steps() = *step;
  EXPECT_THAT(DeploymentText(deployment, absl::UTCTimeZone(), Style{.width = 20}),
              HasSubstr("  succeeded\n    host     dev-1\n    step     start web v3\n"
                        "    result   container 89e301b71a0a\n\n  succeeded\n"));
}

}  // namespace
}  // namespace davit::output
