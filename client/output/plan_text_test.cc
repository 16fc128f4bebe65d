#include "client/output/plan_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/output/release_maker.h"

namespace davit::output {
namespace {

using ::testing::HasSubstr;

void AddStep(v1::PlanDeploymentResponse& plan, v1::Phase phase, int wave, const std::string& host,
             const std::string& title) {
  v1::Step* step = plan.mutable_deployment()->add_steps();
  step->set_phase(phase);
  step->set_wave(wave);
  step->set_host(host);
  step->set_title(title);
}

// Of web v3, one host after the other, or two at a time.
v1::PlanDeploymentResponse PlanFor(const std::vector<std::string>& hosts, size_t batch) {
  v1::PlanDeploymentResponse plan;
  *plan.mutable_deployment()->add_releases() = ReleaseOf("web", 3, "");
  for (const std::string& host : hosts) {
    plan.mutable_deployment()->add_hosts(host);
    AddStep(plan, v1::PREPARE, 1, host, "pull web v3");
  }
  int wave = 1;
  for (size_t i = 0; i < hosts.size(); ++i) {
    if (i % batch == 0) ++wave;
    AddStep(plan, v1::RELEASE, wave, hosts[i], "start web v3");
  }
  AddStep(plan, v1::CONFIRM, ++wave, hosts[0], "clear up");
  return plan;
}

TEST(PlanText, ShowsWhichHostsAreReplacedTogether) {
  EXPECT_EQ(PlanText(PlanFor({"app1", "app2", "app3"}, 2), {}, 0),
            "web v3: shop/web:1.4.0\n"
            "wave 1 of 4, prepare: app1, app2, app3\n"
            "  [app1] pull web v3\n"
            "  [app2] pull web v3\n"
            "  [app3] pull web v3\n"
            "wave 2 of 4, release: app1, app2\n"
            "  [app1] start web v3\n"
            "  [app2] start web v3\n"
            "wave 3 of 4, release: app3\n"
            "  [app3] start web v3\n"
            "wave 4 of 4, confirm: app1\n"
            "  [app1] clear up\n");
}

TEST(PlanText, HasPhasesOnlyForOneHost) {
  EXPECT_EQ(PlanText(PlanFor({"local"}, 1), {}, 0),
            "web v3: shop/web:1.4.0\n"
            "prepare\n"
            "  [local] pull web v3\n"
            "release\n"
            "  [local] start web v3\n"
            "confirm\n"
            "  [local] clear up\n");
}

TEST(PlanText, CountsManyHosts) {
  std::vector<std::string> hosts;
  for (int i = 1; i <= 12; ++i) hosts.push_back("app" + std::to_string(i));
  v1::PlanDeploymentResponse plan = PlanFor(hosts, 10);
  AddStep(plan, v1::CONFIRM, 4, "app2", "clear up");
  EXPECT_EQ(PlanText(plan, {}, 0),
            "web v3: shop/web:1.4.0\n"
            "wave 1 of 4, prepare: app1, app2, app3 and 9 more\n"
            "  [12 hosts] pull web v3\n"
            "wave 2 of 4, release: app1, app2, app3 and 7 more\n"
            "  [10 hosts] start web v3\n"
            "wave 3 of 4, release: app11, app12\n"
            "  [app11] start web v3\n"
            "  [app12] start web v3\n"
            "wave 4 of 4, confirm: app1, app2\n"
            "  [app1] clear up\n"
            "  [app2] clear up\n");
}

TEST(PlanText, NamesTheFewAmongManyThatHaveAStepOfTheirOwn) {
  v1::PlanDeploymentResponse plan = PlanFor({"a", "b", "c", "d", "e"}, 5);
  AddStep(plan, v1::CONFIRM, 4, "b", "odd");
  for (v1::Step& step : *plan.mutable_deployment()->mutable_steps()) step.set_wave(1);
  for (v1::Step& step : *plan.mutable_deployment()->mutable_steps()) step.set_phase(v1::PREPARE);
  EXPECT_THAT(PlanText(plan, {}, 0),
              HasSubstr("\n  [5 hosts] start web v3\n  [a] clear up\n  [b] odd\n"));
}

TEST(PlanText, TellsNotesAndKeepsToANarrowTerminal) {
  v1::PlanDeploymentResponse plan = PlanFor({"local"}, 1);
  plan.add_notes("web is already at this image");
  EXPECT_THAT(PlanText(plan, {}, 20), HasSubstr("note: web is already\n      at this image\n"));
}

TEST(PlanText, TellsWhatDiffersBeforeTheStepsAndWhatARollbackDoesAfterThem) {
  v1::PlanDeploymentResponse plan = PlanFor({"local"}, 1);
  plan.mutable_deployment()->mutable_steps(0)->mutable_timeout()->set_seconds(1800);
  v1::AppChange* change = plan.add_changes();
  change->set_app("web");
  change->set_kind(v1::AppChange::REPLACED);
  change->set_old_release(2);
  change->add_differences()->set_what("env DEBUG");
  change->mutable_differences(0)->set_before("1");
  plan.add_rollback("v2 of web is started again and checked");
  v1::EnvironmentSpec spec;
  v1::Healthcheck* check = (*spec.mutable_apps())["web"].mutable_healthcheck();
  check->set_attempts(20);
  check->mutable_interval()->set_seconds(5);
  check->mutable_start_delay()->set_nanos(500'000'000);
  EXPECT_EQ(PlanText(plan, spec, 0),
            "web v3: shop/web:1.4.0\n"
            "web: what differs from v2, the live release\n"
            "  - env DEBUG: was 1\n"
            "prepare\n"
            "  [local] pull web v3 (at most 30m)\n"
            "release\n"
            "  [local] start web v3\n"
            "confirm\n"
            "  [local] clear up\n"
            "time to get healthy\n"
            "  web: healthy within 1m40.5s: 20 attempts, one every 5s, after 500ms\n"
            "if a step fails\n"
            "  v2 of web is started again and checked\n");
}

TEST(PlanText, HasWhatIsDoneToDatabasesBetweenPreparingAndReplacing) {
  v1::PlanDeploymentResponse plan;
  plan.mutable_deployment()->add_hosts("app1");
  AddStep(plan, v1::PREPARE, 1, "app1", "wait for database main");
  AddStep(plan, v1::DATABASE, 2, "app1", "back up database main");
  AddStep(plan, v1::DATABASE, 3, "app1", "migrate database main");
  AddStep(plan, v1::RELEASE, 4, "app1", "start web v3");
  plan.add_notes("database main is migrated once");
  EXPECT_EQ(PlanText(plan, {}, 0),
            "prepare\n"
            "  [app1] wait for database main\n"
            "database\n"
            "  [app1] back up database main\n"
            "  [app1] migrate database main\n"
            "release\n"
            "  [app1] start web v3\n"
            "note: database main is migrated once\n");
}

}  // namespace
}  // namespace davit::output
