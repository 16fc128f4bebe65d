#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "controller/executor/executor_fixture.h"
#include "controller/executor/secret_values.h"
#include "controller/executor/secret_versions.h"

// How deployments come by the versions and the values of their secrets.
namespace davit::executor {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using worker::v1::RunStepRequest;
using worker::v1::SecretUse;

constexpr char kValue[] = "the value that nobody may see";

SecretUse Use(const std::string& environment, const std::string& name, int64_t version) {
  SecretUse use;
  use.set_environment(environment);
  use.set_name(name);
  use.set_version(version);
  return use;
}

std::vector<std::string> KeysOf(const std::vector<SecretUse>& uses) {
  std::vector<std::string> keys;
  for (const SecretUse& use : uses) keys.push_back(SecretKey(use));
  return keys;
}

RunStepRequest StartOf(const worker::v1::ContainerSpec& container) {
  RunStepRequest request;
  request.mutable_key()->set_project("shop");
  *request.mutable_spec()->mutable_start_container()->mutable_container() = container;
  return request;
}

TEST(FillSecrets, FindsSecretsWhereverAStepNamesThem) {
  FakeSecrets source;
  source.Set("shop/dev/KEY@3", "one");
  source.Set("shop//TOKEN@1", "two");
  RunStepRequest request;
  request.mutable_key()->set_project("shop");
  auto& pull = *request.mutable_spec()->mutable_pull_image();
  *pull.add_logins()->mutable_username_secret() = Use("dev", "KEY", 3);
  *pull.add_logins()->mutable_password() = Use("", "TOKEN", 1);
  *pull.add_logins()->mutable_password() = Use("", "TOKEN", 1);
  ASSERT_TRUE(FillSecrets(source, {}, request).ok());
  EXPECT_THAT(request.secrets(),
              UnorderedElementsAre(Pair("dev/KEY@3", "one"), Pair("/TOKEN@1", "two")));

  worker::v1::ContainerSpec container;
  (*container.mutable_secret_env())["A"] = Use("dev", "KEY", 3);
  request = StartOf(container);
  ASSERT_TRUE(FillSecrets(source, {}, request).ok());
  EXPECT_THAT(request.secrets(), UnorderedElementsAre(Pair("dev/KEY@3", "one")));
}

TEST(FillSecrets, GivesNoStepToRunWithoutOneOfItsSecrets) {
  FakeSecrets source;
  source.Set("shop/dev/A@1", "one");
  worker::v1::ContainerSpec container;
  (*container.mutable_secret_env())["A"] = Use("dev", "A", 1);
  (*container.mutable_secret_env())["B"] = Use("dev", "B", 1);
  RunStepRequest request = StartOf(container);
  const absl::Status status = FillSecrets(source, {}, request);
  EXPECT_TRUE(IsFailure(status, v1::SECRET_MISSING)) << status;
  EXPECT_THAT(request.secrets(), IsEmpty());
}

TEST(FillSecrets, PutsAContainerBackThatNeedsNoneOfWhatIsGone) {
  FakeSecrets source;
  source.Set("shop/dev/A@1", "one");
  RunStepRequest request;
  request.mutable_key()->set_project("shop");
  auto& record = *request.mutable_spec()->mutable_put_back()->mutable_record();
  (*record.mutable_secret_env())["A"] = Use("dev", "A", 1);
  (*record.mutable_secret_env())["B"] = Use("dev", "B", 1);
  ASSERT_TRUE(FillSecrets(source, {}, request).ok());
  EXPECT_THAT(request.secrets(), UnorderedElementsAre(Pair("dev/A@1", "one")));
  source.Fail(FailureStatus(v1::SECRET_KEY_UNUSABLE, "another key"));
  EXPECT_FALSE(FillSecrets(source, {}, request).ok());
}

TEST(FillSecrets, HidesWhatAStepDoesNotUseAndMayShow) {
  FakeSecrets source;
  source.Set("shop/dev/A@1", "one");
  RunStepRequest request;
  request.mutable_key()->set_project("shop");
  request.mutable_spec()->mutable_check_health();
  ASSERT_TRUE(FillSecrets(source, {Use("dev", "A", 1), Use("dev", "GONE", 1)}, request).ok());
  EXPECT_THAT(request.secrets(), UnorderedElementsAre(Pair("dev/A@1", "one")));
}

class Secrets : public ExecutorTest {
 protected:
  void Put(const std::string& environment, const std::string& name, int64_t version) {
    const absl::Status put = store_.Update([&](store::Txn& txn) {
      state::v1::SecretRecord record;
      record.set_project("shop");
      record.set_environment(environment);
      record.set_name(name);
      record.set_version(version);
      record.set_sealed("sealed");
      return txn.PutSecret(record);
    });
    ASSERT_TRUE(put.ok()) << put;
    secrets_.Set(absl::StrCat("shop/", environment, "/", name, "@", version), kValue);
  }
  void Remove(const std::string& environment, const std::string& name) {
    const absl::Status removed =
        store_.Update([&](store::Txn& txn) { return txn.RemoveSecret("shop", environment, name); });
    ASSERT_TRUE(removed.ok()) << removed;
  }
  // A deployment of web, which has the variable KEY of a secret.
  static v1::CreateDeploymentRequest WithKey(const std::string& request_id) {
    v1::CreateDeploymentRequest request = RequestFor("dev", request_id);
    auto& web = request.mutable_deployment()->mutable_spec()->mutable_apps()->at("web");
    (*web.mutable_env()->mutable_secret())["KEY"] = "KEY";
    return request;
  }
  absl::StatusOr<std::vector<SecretUse>> Resolve(const v1::DeploymentRequest& request) {
    absl::StatusOr<std::vector<SecretUse>> uses;
    store_
        .View([&](store::ReadTxn& txn) {
          uses = ResolveSecrets(txn, request);
          return uses.status();
        })
        .IgnoreError();
    return uses;
  }
};

TEST_F(Secrets, AreTakenInTheNewestVersionTheEnvironmentsOwnBeforeTheProjects) {
  Put("", "KEY", 1);
  EXPECT_THAT(KeysOf(*Resolve(WithKey("r").deployment())), ElementsAre("/KEY@1"));
  Put("dev", "KEY", 4);
  Put("dev", "KEY", 5);
  Put("prod", "KEY", 9);
  EXPECT_THAT(KeysOf(*Resolve(WithKey("r").deployment())), ElementsAre("dev/KEY@5"));
  Remove("dev", "KEY");
  EXPECT_THAT(KeysOf(*Resolve(WithKey("r").deployment())), ElementsAre("/KEY@1"));
}

TEST_F(Secrets, ThatAreMissingAreSaidAllAtOnceAndNothingIsBegun) {
  v1::CreateDeploymentRequest request = WithKey("request-1");
  v1::EnvironmentSpec& spec = *request.mutable_deployment()->mutable_spec();
  (*spec.mutable_apps())["another"] = spec.apps().at("web");
  v1::Registry& registry = (*spec.mutable_registries())["main"];
  registry.mutable_username()->set_secret("USER");
  registry.mutable_password()->set_secret("TOKEN");
  Put("", "USER", 1);
  const auto created = executor_->Create(request);
  ASSERT_TRUE(IsFailure(created.status(), v1::SECRET_MISSING)) << created.status();
  EXPECT_THAT(
      FailureOf(created.status()).evidence(),
      ElementsAre("KEY: wanted by apps.another.env.secret, apps.web.env.secret, not set for dev "
                  "(davit secrets set KEY -e dev)",
                  "TOKEN: wanted by registries.main.password, not set for dev (davit secrets set "
                  "TOKEN -e dev)"));
  EXPECT_EQ(IdOf("request-1"), "");
  EXPECT_EQ(Lock("dev"), std::nullopt);
  const auto plan = executor_->Plan(request.deployment(), absl::InfiniteFuture());
  EXPECT_TRUE(IsFailure(plan.status(), v1::SECRET_MISSING)) << plan.status();
}

TEST_F(Secrets, OfDatabasesAndTasksAreThoseOfWhatIsReleased) {
  v1::CreateDeploymentRequest request = RequestFor("dev", "request-1");
  v1::EnvironmentSpec& spec = *request.mutable_deployment()->mutable_spec();
  v1::App& web = spec.mutable_apps()->at("web");
  v1::App another = web;
  web.set_database("main");
  v1::Task& task = *web.add_tasks();
  task.set_name("superuser");
  (*task.mutable_env()->mutable_secret())["PASSWORD"] = "ADMIN";
  another.set_database("other");
  (*spec.mutable_apps())["another"] = another;
  (*spec.mutable_databases())["main"].mutable_url()->set_secret("URL");
  spec.mutable_databases()->at("main").mutable_admin_url()->set_secret("ADMIN");
  (*spec.mutable_databases())["other"].mutable_url()->set_secret("OTHER");
  request.mutable_deployment()->add_apps("web");
  const auto created = executor_->Create(request);
  ASSERT_TRUE(IsFailure(created.status(), v1::SECRET_MISSING)) << created.status();
  EXPECT_THAT(FailureOf(created.status()).evidence(),
              ElementsAre("ADMIN: wanted by apps.web.tasks.superuser.env.secret, "
                          "databases.main.admin_url, not set for dev (davit secrets set ADMIN -e "
                          "dev)",
                          "URL: wanted by databases.main.url, not set for dev (davit secrets set "
                          "URL -e dev)"));
  Put("dev", "URL", 1);
  Put("dev", "ADMIN", 2);
  EXPECT_THAT(KeysOf(*Resolve(request.deployment())), ElementsAre("dev/ADMIN@2", "dev/URL@1"));
}

TEST_F(Secrets, ThatAreTooMuchForAContainerAreRefused) {
  v1::CreateDeploymentRequest request = RequestFor("dev", "request-1");
  auto& web = request.mutable_deployment()->mutable_spec()->mutable_apps()->at("web");
  const absl::Status put = store_.Update([&](store::Txn& txn) {
    for (int i = 0; i < 17; ++i) {
      const std::string name = absl::StrCat("KEY_", i);
      (*web.mutable_env()->mutable_secret())[name] = name;
      state::v1::SecretRecord record;
      record.set_project("shop");
      record.set_name(name);
      record.set_version(1);
      record.set_sealed(std::string(size_t{64} << 10, 'x'));
      if (absl::Status one = txn.PutSecret(record); !one.ok()) return one;
    }
    return absl::OkStatus();
  });
  ASSERT_TRUE(put.ok()) << put;
  const absl::Status refused = Resolve(request.deployment()).status();
  ASSERT_TRUE(IsFailure(refused, v1::SPEC_INVALID)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("1 MiB together"));
}

TEST_F(Secrets, ThatAFileCannotCarryAreRefusedBeforeAnythingIsBegun) {
  Put("dev", "KEY", 1);
  secrets_.Set("shop/dev/KEY@1", "one\ntwo");
  v1::CreateDeploymentRequest request = WithKey("request-1");
  v1::App& web = request.mutable_deployment()->mutable_spec()->mutable_apps()->at("web");
  v1::EnvMount& mount = *web.add_env_mounts();
  mount.set_target("/app/.env");
  mount.set_format("docker");
  const auto refused = [](const absl::Status& status) {
    ASSERT_TRUE(IsFailure(status, v1::FILE_FORMAT)) << status;
    EXPECT_THAT(FailureOf(status).evidence(),
                ElementsAre(HasSubstr("apps.web.env_mounts: secret KEY: ")));
    EXPECT_THAT(FailureOf(status).DebugString(), Not(HasSubstr("two")));
  };
  refused(executor_->Create(request).status());
  EXPECT_EQ(IdOf("request-1"), "");
  EXPECT_EQ(Lock("dev"), std::nullopt);
  refused(executor_->Plan(request.deployment(), absl::InfiniteFuture()).status());

  const auto check =
      executor_->Check(request.deployment(), absl::Now() + absl::Seconds(60), [] { return false; });
  ASSERT_TRUE(check.ok()) << check.status();
  ASSERT_THAT(check->findings(), SizeIs(1));
  EXPECT_EQ(check->findings(0).app(), "web");
  EXPECT_EQ(check->findings(0).failure().code(), v1::FILE_FORMAT);
  EXPECT_THAT(workers_.Runs("preflight"), SizeIs(1));
  EXPECT_THAT(workers_.Runs("write_files"), IsEmpty());

  web.mutable_env_mounts(0)->set_format("json");
  EXPECT_TRUE(executor_->Create(request).ok());
}

TEST_F(Secrets, OfAppsThatStayAreNotAskedFor) {
  v1::CreateDeploymentRequest request = WithKey("request-1");
  v1::EnvironmentSpec& spec = *request.mutable_deployment()->mutable_spec();
  (*spec.mutable_apps())["another"] = spec.apps().at("web");
  (*(*spec.mutable_apps())["another"].mutable_env()->mutable_secret())["KEY"] = "ANOTHER";
  request.mutable_deployment()->add_apps("web");
  Put("dev", "KEY", 1);
  EXPECT_THAT(KeysOf(*Resolve(request.deployment())), ElementsAre("dev/KEY@1"));
}

TEST_F(Secrets, ReachTheWorkerAndNothingThatIsStored) {
  Put("dev", "KEY", 2);
  ASSERT_TRUE(executor_->Create(WithKey("request-1")).ok());
  const std::string id = IdOf("request-1");
  ASSERT_EQ(Await(id, v1::SUCCEEDED), v1::SUCCEEDED);
  const auto starts = workers_.Runs("start_container");
  ASSERT_THAT(starts, SizeIs(1));
  EXPECT_THAT(starts[0].secrets(), UnorderedElementsAre(Pair("dev/KEY@2", kValue)));
  const core::DeploymentState state = State(id);
  EXPECT_THAT(state.record.DebugString(),
              AllOf(HasSubstr("name: \"KEY\""), Not(HasSubstr(kValue))));
  for (const auto& step : state.steps) EXPECT_THAT(step.DebugString(), Not(HasSubstr(kValue)));
  for (const auto& event : Events(id)) EXPECT_THAT(event.DebugString(), Not(HasSubstr(kValue)));
}

TEST_F(Secrets, OfTheOldReleaseAreHiddenInWhatItsContainerWrote) {
  Put("dev", "KEY", 1);
  ASSERT_TRUE(executor_->Create(WithKey("request-1")).ok());
  ASSERT_EQ(Await(IdOf("request-1"), v1::SUCCEEDED), v1::SUCCEEDED);
  Put("dev", "KEY", 2);
  ASSERT_TRUE(executor_->Create(WithKey("request-2")).ok());
  ASSERT_EQ(Await(IdOf("request-2"), v1::SUCCEEDED), v1::SUCCEEDED);
  const auto checks = workers_.Runs("check_health");
  ASSERT_THAT(checks, testing::Not(IsEmpty()));
  EXPECT_THAT(checks.back().secrets(),
              UnorderedElementsAre(Pair("dev/KEY@1", kValue), Pair("dev/KEY@2", kValue)));
}

// A container that has ended before it is confirmed is told of with its last lines.
TEST_F(Secrets, AreHiddenInWhatAContainerWroteThatIsToBeConfirmed) {
  Put("dev", "KEY", 1);
  ASSERT_TRUE(executor_->Create(WithKey("request-1")).ok());
  ASSERT_EQ(Await(IdOf("request-1"), v1::SUCCEEDED), v1::SUCCEEDED);
  const auto confirms = workers_.Runs("set_restart_policy");
  ASSERT_THAT(confirms, SizeIs(1));
  EXPECT_THAT(confirms[0].secrets(), UnorderedElementsAre(Pair("dev/KEY@1", kValue)));
}

TEST_F(Secrets, AreSentAgainWhenAStepIsAttachedTo) {
  Put("dev", "KEY", 1);
  workers_.Hold("start_container");
  ASSERT_TRUE(executor_->Create(WithKey("request-1")).ok());
  ASSERT_TRUE(workers_.AwaitHeld("start_container"));
  Restart({"a"});
  workers_.Release("start_container");
  ASSERT_EQ(Await(IdOf("request-1"), v1::SUCCEEDED), v1::SUCCEEDED);
  for (const RunStepRequest& run : workers_.Runs("start_container")) {
    EXPECT_THAT(run.secrets(), UnorderedElementsAre(Pair("dev/KEY@1", kValue)));
  }
}

TEST_F(Secrets, ThatCannotBeOpenedFailTheStepWhichIsNotRun) {
  Put("dev", "KEY", 1);
  workers_.OnRun([this](const RunStepRequest& request) {
    if (request.spec().has_pull_image()) {
      secrets_.Fail(FailureStatus(v1::SECRET_KEY_UNUSABLE, "KEY cannot be opened"));
    }
  });
  ASSERT_TRUE(executor_->Create(WithKey("request-1")).ok());
  const std::string id = IdOf("request-1");
  ASSERT_EQ(Await(id, v1::FAILED), v1::FAILED);
  EXPECT_EQ(State(id).record.view().failure().code(), v1::SECRET_KEY_UNUSABLE);
  EXPECT_THAT(workers_.Runs("start_container"), IsEmpty());
}

TEST_F(Secrets, ThatCannotBeOpenedLeaveAStepThatMayRunUnknown) {
  Put("dev", "KEY", 1);
  workers_.Hold("start_container");
  ASSERT_TRUE(executor_->Create(WithKey("request-1")).ok());
  ASSERT_TRUE(workers_.AwaitHeld("start_container"));
  secrets_.Fail(FailureStatus(v1::SECRET_KEY_UNUSABLE, "KEY cannot be opened"));
  Restart({"a"});
  EXPECT_EQ(Await(IdOf("request-1"), v1::NEEDS_ATTENTION), v1::NEEDS_ATTENTION);
}

}  // namespace
}  // namespace davit::executor
