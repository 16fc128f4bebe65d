#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "controller/executor/executor_fixture.h"

// What an executor finds out for somebody who only asks.
namespace davit::executor {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

absl::Time Later() { return absl::Now() + absl::Seconds(60); }

bool Stays() { return false; }

// A request of app web with a file and two checks.
v1::DeploymentRequest Checked(const std::vector<std::string>& hosts = {"a"}) {
  v1::DeploymentRequest request = RequestFor("dev", "", hosts).deployment();
  v1::App& web = (*request.mutable_spec()->mutable_apps())["web"];
  v1::File& file = *web.add_files();
  file.set_target("/app/config");
  file.set_content("text");
  for (const char* name : {"settings", "links"}) {
    v1::Check& check = *web.add_checks();
    check.set_name(name);
    check.add_command("true");
  }
  return request;
}

std::vector<std::string> Kinds(const v1::CheckDeploymentResponse& response) {
  std::vector<std::string> kinds;
  for (const v1::Step& step : response.steps()) kinds.push_back(step.kind());
  return kinds;
}

TEST_F(ExecutorTest, ChecksWithoutALockOrARecordAndRemovesWhatItWrote) {
  const auto check = executor_->Check(Checked(), Later(), Stays);
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_THAT(check->findings(), IsEmpty());
  EXPECT_THAT(Kinds(*check), ElementsAre("observe", "resolve_image", "pull_image", "write_files",
                                         "preflight", "run_one_off", "run_one_off"));
  for (const v1::Step& step : check->steps()) EXPECT_EQ(step.state(), v1::STEP_SUCCEEDED);
  ASSERT_THAT(workers_.Runs("remove_files"), SizeIs(1));
  EXPECT_EQ(workers_.Runs("remove_files")[0].spec().remove_files().files_directory(),
            workers_.Runs("write_files")[0].spec().write_files().container().files_directory());
  EXPECT_EQ(workers_.Runs("write_files")[0].fence(), 0);
  EXPECT_EQ(workers_.Runs("pull_image")[0].spec().pull_image().keep_tag(), "");
  EXPECT_EQ(Lock("dev"), std::nullopt);
  EXPECT_EQ(store_.commits(), 0);
}

TEST_F(ExecutorTest, FindsEverythingThatFailsOnEveryHost) {
  workers_.Fail("preflight", v1::PORT_IN_USE);
  workers_.Fail("run_one_off", v1::CHECK_FAILED);
  const auto check = executor_->Check(Checked({"a", "b"}), Later(), Stays);
  ASSERT_TRUE(check.ok()) << check.status();
  std::map<std::string, int> codes;
  for (const v1::CheckFinding& finding : check->findings()) {
    ++codes[v1::FailureCode_Name(finding.failure().code()) + " on " + finding.host()];
    EXPECT_FALSE(finding.warning());
  }
  EXPECT_EQ(codes, (std::map<std::string, int>{{"CHECK_FAILED on a", 2},
                                               {"CHECK_FAILED on b", 2},
                                               {"PORT_IN_USE on a", 1},
                                               {"PORT_IN_USE on b", 1}}));
  EXPECT_THAT(workers_.Runs("remove_files"), SizeIs(2));
}

TEST_F(ExecutorTest, TellsWarningsFromWhatWouldStopADeployment) {
  workers_.Fail("run_one_off", v1::CHECK_FAILED);
  v1::DeploymentRequest request = Checked();
  v1::App& web = (*request.mutable_spec()->mutable_apps())["web"];
  web.mutable_checks(0)->set_on_failure("warn");
  const auto check = executor_->Check(request, Later(), Stays);
  ASSERT_TRUE(check.ok()) << check.status();
  ASSERT_THAT(check->findings(), SizeIs(2));
  EXPECT_TRUE(check->findings(0).warning());
  EXPECT_FALSE(check->findings(1).warning());
}

TEST_F(ExecutorTest, ChecksTheOtherHostsWhenOneIsNotKnown) {
  const auto check = executor_->Check(Checked({"nowhere", "b"}), Later(), Stays);
  ASSERT_TRUE(check.ok()) << check.status();
  ASSERT_THAT(check->findings(), SizeIs(1));
  EXPECT_EQ(check->findings(0).host(), "nowhere");
  EXPECT_EQ(check->findings(0).failure().code(), v1::HOST_UNKNOWN);
  EXPECT_THAT(Kinds(*check), Contains("preflight"));
}

TEST_F(ExecutorTest, ChecksTheRestWhenSecretsAreMissing) {
  v1::DeploymentRequest request = Checked();
  auto& env = *(*request.mutable_spec()->mutable_apps())["web"].mutable_env();
  (*env.mutable_secret())["KEY"] = "WEB_KEY";
  (*env.mutable_secret())["TOKEN"] = "WEB_TOKEN";
  workers_.Fail("preflight", v1::PORT_IN_USE);
  const auto check = executor_->Check(request, Later(), Stays);
  ASSERT_TRUE(check.ok()) << check.status();
  ASSERT_THAT(check->findings(), SizeIs(2));
  EXPECT_EQ(check->findings(0).failure().code(), v1::SECRET_MISSING);
  EXPECT_THAT(check->findings(0).failure().evidence(),
              ElementsAre(HasSubstr("WEB_KEY"), HasSubstr("WEB_TOKEN")));
  EXPECT_EQ(check->findings(1).failure().code(), v1::PORT_IN_USE);
  EXPECT_THAT(workers_.Runs("write_files"), IsEmpty()) << "it would need the secrets";
}

TEST_F(ExecutorTest, ChecksTheRestWhenSecretsOfDatabasesAndTasksAreMissing) {
  v1::DeploymentRequest request = Checked();
  v1::EnvironmentSpec& spec = *request.mutable_spec();
  (*spec.mutable_databases())["main"].mutable_url()->set_secret("URL");
  v1::App& web = spec.mutable_apps()->at("web");
  web.set_database("main");
  v1::Task& task = *web.add_tasks();
  task.set_name("superuser");
  (*task.mutable_env()->mutable_secret())["PASSWORD"] = "PASSWORD";
  const auto check = executor_->Check(request, Later(), Stays);
  ASSERT_TRUE(check.ok()) << check.status();
  ASSERT_THAT(check->findings(), SizeIs(1));
  EXPECT_THAT(check->findings(0).failure().evidence(),
              ElementsAre(HasSubstr("apps.web.tasks.superuser.env.secret"),
                          HasSubstr("databases.main.url")));
  EXPECT_THAT(Kinds(*check), Contains("preflight"));
}

TEST_F(ExecutorTest, RemovesItsFilesWhenWhoeverAskedHasGone) {
  workers_.Hold("run_one_off");
  const auto check =
      executor_->Check(Checked(), Later(), [&] { return !workers_.Runs("run_one_off").empty(); });
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_THAT(workers_.Cancelled(), Contains(workers_.Runs("run_one_off")[0].key().step_id()));
  EXPECT_THAT(workers_.Runs("remove_files"), SizeIs(1));
  ASSERT_THAT(check->findings(), SizeIs(1));
  EXPECT_EQ(check->findings(0).failure().code(), v1::STEP_TIMEOUT);
}

TEST_F(ExecutorTest, SaysWhatItHasNotLookedAtByItsDeadline) {
  workers_.Hold("run_one_off");
  const auto check = executor_->Check(Checked(), absl::Now() + absl::Seconds(2), Stays);
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_THAT(workers_.Runs("remove_files"), SizeIs(1));
  ASSERT_THAT(check->findings(), SizeIs(1));
  EXPECT_THAT(check->findings(0).failure().evidence(),
              Contains(HasSubstr("check settings of web v1 has not ended")));
  EXPECT_THAT(check->findings(0).failure().message(), HasSubstr("broken off after "));
  EXPECT_THAT(check->findings(0).failure().next_command(), HasSubstr("--wait-timeout"));
}

TEST_F(ExecutorTest, WarnsOfADeploymentThatHoldsTheLock) {
  workers_.Hold("start_container");
  const auto running = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(running.ok()) << running.status();
  ASSERT_TRUE(workers_.AwaitHeld("start_container"));
  const auto check = executor_->Check(Checked(), Later(), Stays);
  ASSERT_TRUE(check.ok()) << check.status();
  ASSERT_THAT(check->findings(), SizeIs(1));
  EXPECT_TRUE(check->findings(0).warning());
  EXPECT_EQ(check->findings(0).failure().code(), v1::LOCK_HELD);
  EXPECT_THAT(check->findings(0).failure().message(), HasSubstr(running->id()));
}

TEST_F(ExecutorTest, MakesAFindingOfEachPartOfAFailure) {
  v1::Failure failure = MakeFailure(v1::PORT_IN_USE, "port 80 is taken");
  *failure.add_parts() = MakeFailure(v1::PORT_IN_USE, "port 80 is taken");
  *failure.add_parts() = MakeFailure(v1::FILE_UNREADABLE, "/srv/x");
  workers_.FailWith("preflight", failure);
  const auto check = executor_->Check(Checked(), Later(), Stays);
  ASSERT_TRUE(check.ok()) << check.status();
  ASSERT_THAT(check->findings(), SizeIs(2));
  EXPECT_EQ(check->findings(0).failure().code(), v1::PORT_IN_USE);
  EXPECT_EQ(check->findings(1).failure().code(), v1::FILE_UNREADABLE);
  EXPECT_EQ(check->findings(1).host(), "a");
}

TEST_F(ExecutorTest, LooksAtTheRestWhenAnImageIsNotThereAndSaysSoOnce) {
  workers_.Fail("resolve_image", v1::IMAGE_NOT_FOUND);
  v1::Failure failure = MakeFailure(v1::PORT_IN_USE, "port 80 is taken");
  *failure.add_parts() = MakeFailure(v1::PORT_IN_USE, "port 80 is taken");
  *failure.add_parts() = MakeFailure(v1::IMAGE_NOT_FOUND, "no such image");
  workers_.FailWith("preflight", failure);
  const auto check = executor_->Check(Checked(), Later(), Stays);
  ASSERT_TRUE(check.ok()) << check.status();
  ASSERT_THAT(check->findings(), SizeIs(2));
  EXPECT_EQ(check->findings(0).failure().code(), v1::IMAGE_NOT_FOUND);
  EXPECT_EQ(check->findings(0).app(), "web");
  EXPECT_EQ(check->findings(1).failure().code(), v1::PORT_IN_USE);
  EXPECT_THAT(Kinds(*check), ElementsAre("observe", "resolve_image", "preflight"));
}

TEST_F(ExecutorTest, DoesNotSayThatARegistryRefusesWhoseSecretIsMissing) {
  v1::DeploymentRequest request = Checked();
  v1::Registry& registry = (*request.mutable_spec()->mutable_registries())["main"];
  registry.set_server("registry.example");
  registry.mutable_username()->set_value("ada");
  registry.mutable_password()->set_secret("TOKEN");
  workers_.Fail("resolve_image", v1::REGISTRY_DENIED);
  const auto check = executor_->Check(request, Later(), Stays);
  ASSERT_TRUE(check.ok()) << check.status();
  ASSERT_THAT(check->findings(), SizeIs(1));
  EXPECT_EQ(check->findings(0).failure().code(), v1::SECRET_MISSING);
  (*request.mutable_spec()->mutable_registries())["main"].set_server("another.example");
  const auto other = executor_->Check(request, Later(), Stays);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_THAT(other->findings(), SizeIs(2));
}

}  // namespace
}  // namespace davit::executor
