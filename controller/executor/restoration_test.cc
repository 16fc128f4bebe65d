#include "controller/executor/restoration.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/secret/secret_key.h"
#include "controller/core/names.h"
#include "controller/executor/executor_fixture.h"

namespace davit::executor {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

// Deployments of web, each as the test wants it, then rollbacks.
class RollbackTest : public ExecutorTest {
 protected:
  // Makes a release whose environment says `greeting`.
  std::string Deploy(const std::string& greeting) {
    v1::CreateDeploymentRequest request = Next();
    v1::App& web = request.mutable_deployment()->mutable_spec()->mutable_apps()->at("web");
    (*web.mutable_env()->mutable_clear())["GREETING"] = greeting;
    if (has_secret_) (*web.mutable_env()->mutable_secret())["TOKEN"] = "TOKEN";
    web.mutable_healthcheck()->mutable_tcp()->set_port(8000);
    return Finish(request);
  }
  // Makes web what it was in release `number`; 0: in the one before.
  std::string GoBack(int64_t number = 0) { return Finish(RequestToGoBack(number)); }
  absl::Status RefusalOf(int64_t number) {
    return executor_->Create(RequestToGoBack(number)).status();
  }
  v1::CreateDeploymentRequest RequestToGoBack(int64_t number) {
    v1::CreateDeploymentRequest request = Next();
    (*request.mutable_deployment()->mutable_rollback()->mutable_releases())["web"] = number;
    return request;
  }
  // What the environment of the last container that was started says.
  std::string Greeting() { return LastStarted().env().at("GREETING"); }
  worker::v1::ContainerSpec LastStarted() {
    return workers_.Runs("start_container").back().spec().start_container().container();
  }
  void SetSecret(const std::string& name, int64_t version) {
    has_secret_ = true;
    PutSecret(name, version, "value");
  }

 private:
  v1::CreateDeploymentRequest Next() {
    clock_.Advance(absl::Seconds(1));
    return RequestFor("dev", absl::StrCat("request-", ++requests_));
  }

  int requests_ = 0;
  bool has_secret_ = false;
};

TEST_F(RollbackTest, StartsTheContainerOfTheReleaseBeforeOnce) {
  Deploy("hello");
  Deploy("goodbye");
  const core::DeploymentState state = State(GoBack());
  EXPECT_EQ(Greeting(), "hello");
  EXPECT_EQ(LastStarted().labels().at(core::kReleaseLabel), "3");
  EXPECT_EQ(state.record.view().operation(), v1::OPERATION_ROLLBACK);
  EXPECT_EQ(state.record.view().releases(0).number(), 3);
  EXPECT_EQ(state.record.restored().at("web").view().number(), 1);
  EXPECT_FALSE(Steps(state.record.view().id(), "check_health").empty());
}

TEST_F(RollbackTest, HasTheVersionsOfSecretsThatWereRecorded) {
  SetSecret("TOKEN", 1);
  Deploy("hello");
  SetSecret("TOKEN", 2);
  Deploy("goodbye");
  EXPECT_EQ(LastStarted().secret_env().at("TOKEN").version(), 2);
  GoBack();
  EXPECT_EQ(LastStarted().secret_env().at("TOKEN").version(), 1);
}

TEST_F(RollbackTest, IsRefusedWhenAVersionOfASecretWasRemovedSince) {
  SetSecret("TOKEN", 1);
  Deploy("hello");
  Deploy("goodbye");
  ASSERT_TRUE(
      store_.Update([&](store::Txn& txn) { return txn.RemoveSecret("shop", "dev", "TOKEN"); })
          .ok());
  const absl::Status status = RefusalOf(0);
  EXPECT_TRUE(IsFailure(status, v1::SECRET_MISSING)) << status;
  EXPECT_THAT(FailureOf(status).evidence(),
              ElementsAre("TOKEN version 1, which web v1 had as TOKEN"));
  EXPECT_EQ(Lock("dev")->deployment_id(), "");
}

TEST_F(RollbackTest, GoesFurtherBackEachTimeAndNeverToWhatWasGoneBackFrom) {
  Deploy("one");
  Deploy("two");
  Deploy("three");
  GoBack();
  EXPECT_EQ(Greeting(), "two");
  GoBack();
  EXPECT_EQ(Greeting(), "one");
  const absl::Status status = RefusalOf(0);
  EXPECT_TRUE(IsFailure(status, v1::NOT_FOUND)) << status;
  GoBack(3);
  EXPECT_EQ(Greeting(), "three");
  Deploy("four");
  GoBack();
  EXPECT_EQ(Greeting(), "three") << "what was live before the one that is now";
}

TEST_F(RollbackTest, PassesWhatIsTheSameAsWhatIsLive) {
  SetSecret("TOKEN", 1);
  Deploy("good");
  Deploy("bad");
  Deploy("bad");
  const auto back = State(GoBack());
  EXPECT_EQ(Greeting(), "good");
  EXPECT_EQ(back.record.restored().at("web").view().number(), 1);
  SetSecret("TOKEN", 2);
  Deploy("good");
  GoBack();
  EXPECT_EQ(LastStarted().secret_env().at("TOKEN").version(), 1) << "another secret is a change";
  EXPECT_EQ(Greeting(), "good");
}

TEST_F(RollbackTest, PassesReleasesThatWereNeverLive) {
  Deploy("one");
  workers_.Fail("start_container", v1::CONTAINER_EXITED);
  v1::CreateDeploymentRequest bad = RequestFor("dev", "request-bad");
  const auto created = executor_->Create(bad);
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_EQ(Await(created->id(), v1::ROLLED_BACK), v1::ROLLED_BACK);
  workers_.Fail("start_container", v1::FAILURE_CODE_UNSPECIFIED);
  Deploy("three");
  EXPECT_TRUE(IsFailure(RefusalOf(2), v1::WRONG_STATE)) << RefusalOf(2);
  GoBack();
  EXPECT_EQ(Greeting(), "one");
}

TEST_F(RollbackTest, TellsWhereNothingIsLiveFromWhereOnlyOneEverWas) {
  EXPECT_THAT(RefusalOf(0).message(), HasSubstr("no release of web is live in dev yet"));
  workers_.Fail("start_container", v1::CONTAINER_EXITED);
  const auto bad = executor_->Create(RequestFor("dev", "request-bad"));
  ASSERT_TRUE(bad.ok()) << bad.status();
  ASSERT_EQ(Await(bad->id(), v1::ROLLED_BACK), v1::ROLLED_BACK);
  const absl::Status none = RefusalOf(0);
  EXPECT_TRUE(IsFailure(none, v1::NOT_FOUND)) << none;
  EXPECT_THAT(none.message(), HasSubstr("no release of web is live in dev yet"));
  EXPECT_THAT(FailureOf(none).likely_cause(), HasSubstr("no deployment of it has succeeded"));
  workers_.Fail("start_container", v1::FAILURE_CODE_UNSPECIFIED);
  Deploy("one");
  const absl::Status one = RefusalOf(0);
  EXPECT_TRUE(IsFailure(one, v1::NOT_FOUND)) << one;
  EXPECT_THAT(one.message(), HasSubstr("that was live before the one that is now"));
}

TEST_F(RollbackTest, RefusesWhatIsLiveAndWhatThereIsNot) {
  Deploy("one");
  Deploy("two");
  const absl::Status live = RefusalOf(2);
  EXPECT_TRUE(IsFailure(live, v1::WRONG_STATE)) << live;
  EXPECT_THAT(live.message(), HasSubstr("web v2 is the release that is live now"));
  EXPECT_THAT(FailureOf(live).evidence(), ElementsAre("those that can be: v1"));
  EXPECT_TRUE(IsFailure(RefusalOf(9), v1::NOT_FOUND)) << RefusalOf(9);
}

TEST_F(RollbackTest, IsPlannedLikeAnyOtherAndSaysWhatItIs) {
  Deploy("one");
  Deploy("two");
  const auto plan =
      executor_->Plan(RequestToGoBack(0).deployment(), absl::Now() + absl::Seconds(20));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->notes(), Contains(HasSubstr("web v3 is v1 again")));
  ASSERT_EQ(plan->changes_size(), 1);
  EXPECT_EQ(plan->changes(0).differences(0).what(), "env GREETING");
  EXPECT_EQ(plan->changes(0).differences(0).after(), "one");
}

class SchemaRollbackTest : public RollbackTest {
 protected:
  // Two releases, of which the second one has changed the schema of main for the worse.
  SchemaRollbackTest() {
    Deploy("one");
    Migrate(Deploy("two"));
    SetSecret("URL", 1);
  }

  v1::CreateDeploymentRequest WithSchema(v1::RollbackRequest::Schema schema) {
    v1::CreateDeploymentRequest request = RequestToGoBack(0);
    v1::EnvironmentSpec& spec = *request.mutable_deployment()->mutable_spec();
    spec.mutable_apps()->at("web").set_database("main");
    (*spec.mutable_databases())["main"].mutable_url()->set_secret("URL");
    request.mutable_deployment()->mutable_rollback()->set_schema(schema);
    return request;
  }

 private:
  void Migrate(const std::string& id) {
    const absl::Status put = store_.Update([&](store::Txn& txn) {
      auto releases = txn.ListReleases("shop", "dev", "web", 1);
      state::v1::ReleaseRecord& release = releases->at(0);
      release.mutable_app()->set_database("main");
      state::v1::DatabaseHistory& history = *release.mutable_database();
      history.set_database("main");
      history.set_deployment_id(id);
      history.mutable_migration()->set_meaning(v1::SCHEMA_UNSAFE);
      history.mutable_backup()->set_host("a");
      history.mutable_backup()->set_path("/backups/main-1.dump");
      history.mutable_backup()->set_sha256("abc");
      return txn.PutRelease(release);
    });
    ASSERT_TRUE(put.ok()) << put;
  }
};

TEST_F(SchemaRollbackTest, IsRefusedBeforeTheLockIsTakenUnlessItIsSaidHow) {
  const auto request = WithSchema(v1::RollbackRequest::SCHEMA_UNSPECIFIED);
  const absl::Status status = executor_->Create(request).status();
  EXPECT_TRUE(IsFailure(status, v1::SCHEMA_NOT_SAFE)) << status;
  EXPECT_EQ(Lock("dev")->deployment_id(), "");
  const auto plan = executor_->Plan(request.deployment(), absl::Now() + absl::Seconds(20));
  EXPECT_TRUE(IsFailure(plan.status(), v1::SCHEMA_NOT_SAFE)) << plan.status();
  EXPECT_TRUE(executor_->Create(WithSchema(v1::RollbackRequest::KEEP)).ok());
}

TEST_F(SchemaRollbackTest, IsRefusedBeforeAnythingIsStoppedWhenTheBackupIsGone) {
  const auto request = WithSchema(v1::RollbackRequest::RESTORE);
  const absl::Status status = executor_->Create(request).status();
  EXPECT_TRUE(IsFailure(status, v1::SCHEMA_NOT_SAFE)) << status;
  EXPECT_THAT(FailureOf(status).evidence(),
              ElementsAre("main: /backups/main-1.dump on a: it is gone"));
  const auto plan = executor_->Plan(request.deployment(), absl::Now() + absl::Seconds(20));
  EXPECT_TRUE(IsFailure(plan.status(), v1::SCHEMA_NOT_SAFE)) << plan.status();
  workers_.SetBackup("/backups/main-1.dump", "abc");
  const auto created = executor_->Create(WithSchema(v1::RollbackRequest::RESTORE));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(Await(created->id(), v1::SUCCEEDED), v1::SUCCEEDED)
      << State(created->id()).record.view().failure().message();
  EXPECT_THAT(Steps(created->id(), "restore_database"), testing::SizeIs(1));
  EXPECT_EQ(Greeting(), "one");
}

TEST_F(SchemaRollbackTest, IsRefusedWhereTheBackupCannotBeUsedOrIsAnother) {
  const auto evidence = [this] {
    const absl::Status status =
        executor_->Create(WithSchema(v1::RollbackRequest::RESTORE)).status();
    EXPECT_TRUE(IsFailure(status, v1::SCHEMA_NOT_SAFE)) << status;
    return FailureOf(status).evidence(0);
  };
  workers_.SetUnusableBackup("/backups/main-1.dump", "it was cut off");
  EXPECT_EQ(evidence(), "main: /backups/main-1.dump on a: it was cut off");
  workers_.SetBackup("/backups/main-1.dump", "def");
  EXPECT_THAT(evidence(), testing::HasSubstr("another one took its place: its checksum is not"));
}

}  // namespace
}  // namespace davit::executor
