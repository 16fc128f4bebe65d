#include "client/output/deployment_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace davit::output {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int64_t kBegin = 1'700'000'000;

v1::Release ReleaseOf(const std::string& app, int64_t number, const std::string& image_id) {
  v1::Release release;
  release.set_app(app);
  release.set_number(number);
  release.set_image_reference("shop/" + app + ":1.4.0");
  release.set_image_id(image_id);
  return release;
}

v1::GetStatusResponse Serving(const v1::Release& release) {
  v1::GetStatusResponse status;
  v1::AppStatus* app = status.add_apps();
  app->set_app(release.app());
  app->set_host("dev-1");
  app->set_container("shop-web");
  app->set_container_state("running");
  app->mutable_start_time()->set_seconds(kBegin);
  *app->mutable_release() = release;
  return status;
}

TEST(IdleNotes, NameTheAppsThatAreAtTheirImageAlready) {
  v1::Deployment planned;
  *planned.add_releases() = ReleaseOf("web", 3, "sha256:a");
  *planned.add_releases() = ReleaseOf("api", 8, "sha256:b");
  EXPECT_THAT(IdleNotes(planned, Serving(ReleaseOf("web", 2, "sha256:a"))),
              ElementsAre("web is already at this image (v2): only its settings can change"));
  EXPECT_THAT(IdleNotes(planned, Serving(ReleaseOf("web", 2, "sha256:other"))), IsEmpty());
  EXPECT_THAT(IdleNotes(planned, {}), IsEmpty());
}

TEST(IdleNotes, TakeAnImageThatIsNotKnownForNoneThatServes) {
  v1::Deployment planned;
  *planned.add_releases() = ReleaseOf("web", 3, "");
  EXPECT_THAT(IdleNotes(planned, Serving(ReleaseOf("web", 2, ""))), IsEmpty());
}

v1::ListDeploymentsResponse OneEntry() {
  v1::ListDeploymentsResponse history;
  v1::Deployment* deployment = history.add_deployments();
  deployment->set_id("d-01m886ewqnq2vha555v1");
  deployment->set_state(v1::ROLLED_BACK);
  deployment->set_submitted_by("ann@desk");
  deployment->mutable_create_time()->set_seconds(kBegin);
  deployment->mutable_end_time()->set_seconds(kBegin + 2);
  deployment->mutable_failure()->set_code(v1::HEALTH_STATUS);
  *deployment->add_releases() = ReleaseOf("web", 3, "");
  return history;
}

TEST(HistoryText, ShowsTheTagBesideTheNumber) {
  EXPECT_EQ(HistoryText(OneEntry(), absl::UTCTimeZone(), 0),
            "DEPLOYMENT              WHEN                 WHO       RELEASES        STATE        "
            "TOOK  FAILURE\n"
            "d-01m886ewqnq2vha555v1  2023-11-14 22:13:20  ann@desk  web v3 (1.4.0)  rolled back  "
            "2.0s  HEALTH_STATUS\n");
}

TEST(HistoryText, KeepsToANarrowTerminal) {
  EXPECT_EQ(HistoryText(OneEntry(), absl::UTCTimeZone(), 55),
            "DEPLOYMENT              RELEASES        STATE\n"
            "d-01m886ewqnq2vha555v1  web v3 (1.4.0)  rolled back\n");
  EXPECT_EQ(HistoryText(OneEntry(), absl::UTCTimeZone(), 40),
            "d-01m886ewqnq2vha555v1\n"
            "  when        2023-11-14 22:13:20\n"
            "  who         ann@desk\n"
            "  releases    web v3 (1.4.0)\n"
            "  state       rolled back\n"
            "  took        2.0s\n"
            "  failure     HEALTH_STATUS\n");
}

TEST(StatusText, KeepsToANarrowTerminal) {
  const v1::GetStatusResponse status = Serving(ReleaseOf("web", 2, "sha256:a"));
  const absl::Time now = absl::FromUnixSeconds(kBegin + 5);
  EXPECT_THAT(StatusText(status, now, 0), HasSubstr("shop/web:1.4.0  shop-web"));
  const std::string narrow = StatusText(status, now, 50);
  EXPECT_THAT(narrow, HasSubstr("APP  HOST   RELEASE  STATE    HEALTH  SINCE\n"));
  EXPECT_THAT(narrow, Not(HasSubstr("IMAGE")));
}

TEST(StatusText, NamesWhatIsBeingReleased) {
  v1::GetStatusResponse status;
  *status.mutable_running() = OneEntry().deployments(0);
  status.mutable_running()->set_state(v1::RUNNING);
  EXPECT_THAT(StatusText(status, absl::UnixEpoch(), 0),
              HasSubstr("deployment d-01m886ewqnq2vha555v1: web v3 (1.4.0) is running, "
                        "by ann@desk\n"));
}

TEST(DeploymentText, KeepsToANarrowTerminal) {
  v1::Deployment deployment = OneEntry().deployments(0);
  v1::Step* step = deployment.add_steps();
  step->set_title("start web v3");
  step->set_host("dev-1");
  step->set_state(v1::STEP_SUCCEEDED);
  step->set_summary("container 89e301b71a0a");
  EXPECT_THAT(DeploymentText(deployment, absl::UTCTimeZone(), Style{}, 30),
              HasSubstr("  STATE      STEP\n  succeeded  start web v3\n"));
}

}  // namespace
}  // namespace davit::output
