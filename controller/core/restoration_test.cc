#include "controller/core/restoration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "controller/core/foresight.h"
#include "controller/core/names.h"
#include "controller/core/planner.h"
#include "controller/core/proto_time.h"
#include "controller/core/restoration_plan.h"
#include "controller/core/restoration_schema.h"
#include "controller/core/restoration_text.h"
#include "controller/core/test_deployment.h"

namespace davit::core {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kOldDigest[] = "registry.test/web@sha256:older";

// web v2 as it was recorded: with another environment, secret and health check than now.
state::v1::ReleaseRecord OlderWeb() {
  state::v1::ReleaseRecord record;
  v1::Release& view = *record.mutable_view();
  view.set_project(kTestProject);
  view.set_environment(kTestEnvironment);
  view.set_app("web");
  view.set_number(2);
  view.set_deployment_id("d-0");
  view.set_image_reference("registry.test/web:older");
  view.set_image_digest(kOldDigest);
  worker::v1::ContainerSpec& container = *record.mutable_container();
  container.set_service_name("shop-web");
  container.set_image(kOldDigest);
  (*container.mutable_env())["GREETING"] = "hello";
  (*container.mutable_secret_env())["TOKEN"].set_name("TOKEN");
  (*container.mutable_secret_env())["TOKEN"].set_version(3);
  (*container.mutable_labels())[kProjectLabel] = kTestProject;
  (*container.mutable_labels())[kReleaseLabel] = "2";
  (*container.mutable_labels())[kDeploymentLabel] = "d-0";
  container.add_files()->set_content("hello");
  container.set_files_directory("shop/dev/web/2");
  record.mutable_healthcheck()->mutable_tcp()->set_port(9000);
  *record.mutable_live_time() = ToProto(absl::FromUnixSeconds(500));
  return record;
}

// web v5 is live; v2 shall be.
NewDeploymentArgs RollbackArgs(const state::v1::ReleaseRecord& older = OlderWeb()) {
  NewDeploymentArgs args = TestArgs({.previous = {{"web", 5}}});
  args.request.mutable_rollback();
  args.request.add_apps("web");
  (*args.request.mutable_spec()->mutable_apps())["web"] = AppAsItWas(args.request.spec(), older);
  args.restored["web"] = older;
  args.history.at("web").live->mutable_view()->set_deployment_id("d-live");
  return args;
}

worker::v1::ContainerSpec RestoredWeb(const state::v1::ReleaseRecord& older) {
  const DeploymentState state = *NewDeployment(RollbackArgs(older), kNow);
  worker::v1::ResolvedImage image;
  image.set_digest(kOldDigest);
  return RestoredContainer(older, state.record.view().releases(0), image, /*check_only=*/false);
}

TEST(Restoration, MakesANewReleaseOfTheOldImage) {
  const DeploymentState state = *NewDeployment(RollbackArgs(), kNow);
  const v1::Deployment& view = state.record.view();
  EXPECT_EQ(view.operation(), v1::OPERATION_ROLLBACK);
  EXPECT_EQ(view.releases(0).number(), 6);
  EXPECT_EQ(view.releases(0).replaces(), 5);
  EXPECT_EQ(view.releases(0).image_reference(), "registry.test/web:older");
}

TEST(Restoration, KeepsAllOfTheContainerButWhatNamesTheRelease) {
  worker::v1::ContainerSpec container = RestoredWeb(OlderWeb());
  EXPECT_EQ(container.labels().at(kReleaseLabel), "6");
  EXPECT_EQ(container.labels().at(kDeploymentLabel), "d-1");
  EXPECT_EQ(container.files_directory(), "shop/dev/web/6");
  EXPECT_EQ(container.secret_env().at("TOKEN").version(), 3);
  worker::v1::ContainerSpec before = OlderWeb().container();
  for (worker::v1::ContainerSpec* spec : {&container, &before}) {
    spec->clear_labels();
    spec->clear_files_directory();
  }
  EXPECT_EQ(container.DebugString(), before.DebugString());
}

TEST(Restoration, LooksForTheImageByItsDigestOnTheHostFirst) {
  const DeploymentState state = *NewDeployment(RollbackArgs(), kNow);
  const state::v1::StepRecord find = SurveySteps(state).back();
  EXPECT_EQ(find.spec().resolve_image().reference(), kOldDigest);
  EXPECT_EQ(find.spec().resolve_image().pull_policy(), "missing");
  EXPECT_EQ(find.view().title(), "find image registry.test/web:older of web v2");
}

TEST(Restoration, LooksForAnImageInNoRegistryByItsIdOnTheHostAlone) {
  state::v1::ReleaseRecord older = OlderWeb();
  older.mutable_view()->clear_image_digest();
  older.mutable_view()->set_image_id("sha256:abc");
  EXPECT_EQ(ResolveRestored(older).image_id(), "sha256:abc");
  EXPECT_EQ(ResolveRestored(older).pull_policy(), "never");
}

TEST(Restoration, SaysWhichReleaseItIsAgain) {
  const DeploymentState state = *NewDeployment(RollbackArgs(), kNow);
  EXPECT_THAT(RestorationNotes(state.record),
              ElementsAre("web v6 is v2 again, registry.test/web:older, which became live at "
                          "1970-01-01 00:08 UTC"));
  EXPECT_THAT(RestorationNotes(MakeState({}, kNow).record), IsEmpty());
}

TEST(AppAsItWas, IsAsItWasDeclaredWithoutWhatWasDoneWhenItWasMade) {
  state::v1::ReleaseRecord older = OlderWeb();
  older.mutable_app()->set_retain(9);
  older.mutable_app()->add_checks();
  older.mutable_app()->add_tasks();
  older.mutable_app()->set_database("gone");
  const v1::App app = AppAsItWas(TestRequest({}).spec(), older);
  EXPECT_EQ(app.retain(), 9);
  EXPECT_EQ(app.healthcheck().tcp().port(), 9000);
  EXPECT_EQ(app.checks_size() + app.tasks_size(), 0);
  EXPECT_EQ(app.database(), "");
}

TEST(AppAsItWas, IsAsItIsDeclaredNowWhereThatWasNotRecorded) {
  const v1::App app = AppAsItWas(TestRequest({.retain = 4, .checks = {"a"}}).spec(), OlderWeb());
  EXPECT_EQ(app.retain(), 4);
  EXPECT_EQ(app.healthcheck().tcp().port(), 9000) << "that was recorded";
  EXPECT_EQ(app.checks_size(), 0);
}

// What deployment `id` did to main.
state::v1::DatabaseHistory Migrated(const std::string& id, v1::SchemaMeaning meaning) {
  state::v1::DatabaseHistory history;
  history.set_database("main");
  history.set_deployment_id(id);
  history.mutable_declared()->set_app("web");
  history.mutable_migration()->set_meaning(meaning);
  (*history.mutable_migration()->mutable_previous())["shop"] = "before " + id;
  if (meaning == v1::SCHEMA_UNCHANGED) return history;
  v1::SchemaChange& change = *history.mutable_migration()->add_changes();
  change.set_sentence("Column " + id + " was dropped");
  change.set_meaning(meaning);
  change.set_reason("the old code asks for it");
  return history;
}

NewDeploymentArgs After(const std::vector<state::v1::DatabaseHistory>& since,
                        v1::RollbackRequest::Schema schema) {
  NewDeploymentArgs args = RollbackArgs();
  args.since = since;
  args.request.mutable_rollback()->set_schema(schema);
  (*args.request.mutable_spec()->mutable_databases())["main"].mutable_url()->set_secret("URL");
  return args;
}

TEST(SchemaSince, IsRefusedWithEachChangeWhenNothingSaysThatItIsSafe) {
  for (const auto meaning :
       {v1::SCHEMA_UNSAFE, v1::SCHEMA_UNKNOWN, v1::SCHEMA_MEANING_UNSPECIFIED}) {
    const auto args = After({Migrated("d-a", v1::SCHEMA_SAFE), Migrated("d-b", meaning)},
                            v1::RollbackRequest::SCHEMA_UNSPECIFIED);
    const absl::Status status = NewDeployment(args, kNow).status();
    ASSERT_TRUE(IsFailure(status, v1::SCHEMA_NOT_SAFE)) << status;
    const v1::Failure failure = FailureOf(status);
    EXPECT_THAT(failure.evidence(), Contains(HasSubstr("Column d-a was dropped: safe")));
    EXPECT_THAT(failure.evidence(), Contains(HasSubstr("Column d-b was dropped")));
    EXPECT_THAT(failure.evidence(), Contains(HasSubstr("no backup of before")));
    EXPECT_THAT(failure.next_command(), HasSubstr("davit rollback web -e dev --schema keep"));
  }
}

TEST(SchemaSince, AdvisesACommandThatGoesBackToTheReleaseThatWasAskedFor) {
  auto args = After({Migrated("d-a", v1::SCHEMA_UNSAFE)}, v1::RollbackRequest::SCHEMA_UNSPECIFIED);
  (*args.request.mutable_rollback()->mutable_releases())["web"] = 2;
  EXPECT_THAT(FailureOf(NewDeployment(args, kNow).status()).next_command(),
              HasSubstr("davit rollback web -e dev --to web=2 --schema keep"));
}

TEST(SchemaSince, CountsTheChangesThatAreTooManyToRead) {
  state::v1::DatabaseHistory history = Migrated("d-a", v1::SCHEMA_UNSAFE);
  for (int i = 0; i < 99; ++i) {
    *history.mutable_migration()->add_changes() = history.migration().changes(0);
  }
  const DeploymentState state = *NewDeployment(After({history}, v1::RollbackRequest::KEEP), kNow);
  EXPECT_EQ(SchemaNotes(state.record).size(), 1u + 40u + 1u);
  EXPECT_EQ(SchemaNotes(state.record).back(), "main: and 60 more");
}

TEST(SchemaSince, IsNoMatterWhereItIsSafeOrUnchangedOrKept) {
  const auto unspecified = v1::RollbackRequest::SCHEMA_UNSPECIFIED;
  EXPECT_TRUE(NewDeployment(After({Migrated("d-a", v1::SCHEMA_SAFE)}, unspecified), kNow).ok());
  EXPECT_TRUE(
      NewDeployment(After({Migrated("d-a", v1::SCHEMA_UNCHANGED)}, unspecified), kNow).ok());
  const DeploymentState kept =
      *NewDeployment(After({Migrated("d-a", v1::SCHEMA_UNSAFE)}, v1::RollbackRequest::KEEP), kNow);
  EXPECT_THAT(
      SchemaNotes(kept.record),
      ElementsAre("the schema of main stays as it is: not safe for the older release",
                  "main: Column d-a was dropped: not safe, the old code asks for it (d-a)"));
}

TEST(SchemaSince, IsTakenBackOnlyByWhatThereIs) {
  state::v1::DatabaseHistory history = Migrated("d-a", v1::SCHEMA_UNSAFE);
  for (const auto schema : {v1::RollbackRequest::COMMAND, v1::RollbackRequest::RESTORE}) {
    const absl::Status status = NewDeployment(After({history}, schema), kNow).status();
    EXPECT_TRUE(IsFailure(status, v1::SCHEMA_NOT_SAFE)) << status;
  }
  history.mutable_declared()->add_rollback_command("undo");
  history.mutable_backup()->set_host("h1");
  history.mutable_backup()->set_path("/backups/main-1");
  for (const auto schema : {v1::RollbackRequest::COMMAND, v1::RollbackRequest::RESTORE}) {
    const absl::Status status = NewDeployment(After({history}, schema), kNow).status();
    EXPECT_TRUE(status.ok()) << status;
  }
  state::v1::DatabaseHistory gaps = history;
  gaps.mutable_migration()->add_gaps("the table of migrations could not be read");
  EXPECT_TRUE(NewDeployment(After({gaps}, v1::RollbackRequest::COMMAND), kNow).ok());
  gaps.mutable_declared()->add_rollback_command("{{previous:shop}}");
  EXPECT_FALSE(NewDeployment(After({gaps}, v1::RollbackRequest::COMMAND), kNow).ok());
  EXPECT_FALSE(
      NewDeployment(
          After({history, Migrated("d-z", v1::SCHEMA_SAFE)}, v1::RollbackRequest::COMMAND), kNow)
          .ok())
      << "the live release does not know that one";
  history.mutable_backup()->set_host("gone");
  EXPECT_FALSE(NewDeployment(After({history}, v1::RollbackRequest::RESTORE), kNow).ok());
}

// As a rollback left it whose rollback_command took back what this release needs.
state::v1::DatabaseHistory Lacking(const std::string& id) {
  state::v1::DatabaseHistory history;
  history.set_database("main");
  history.set_deployment_id(id);
  history.mutable_migration()->set_meaning(v1::SCHEMA_UNKNOWN);
  history.mutable_migration()->add_gaps("a rollback has taken back what it needs");
  return history;
}

state::v1::DatabaseHistory Reversible(const std::string& id, v1::SchemaMeaning meaning) {
  state::v1::DatabaseHistory history = Migrated(id, meaning);
  history.mutable_declared()->add_rollback_command("undo");
  history.mutable_backup()->set_host("h1");
  history.mutable_backup()->set_path("/backups/" + id);
  return history;
}

TEST(SchemaSince, IsNotTakenBackWhereTheReleaseNeedsWhatIsGone) {
  const std::vector<state::v1::DatabaseHistory> since = {Lacking("d-a"),
                                                         Reversible("d-b", v1::SCHEMA_UNSAFE)};
  for (const auto schema : {v1::RollbackRequest::COMMAND, v1::RollbackRequest::RESTORE}) {
    const absl::Status status = NewDeployment(After(since, schema), kNow).status();
    ASSERT_TRUE(IsFailure(status, v1::SCHEMA_NOT_SAFE)) << status;
    EXPECT_EQ(FailureOf(status).next_command(), "choose another way: `--schema keep`");
  }
  const v1::Failure refused = FailureOf(
      NewDeployment(After(since, v1::RollbackRequest::SCHEMA_UNSPECIFIED), kNow).status());
  EXPECT_THAT(refused.next_command(), HasSubstr("nothing can take it back"));
  EXPECT_THAT(refused.next_command(), Not(HasSubstr("command`")));
  EXPECT_TRUE(NewDeployment(After(since, v1::RollbackRequest::KEEP), kNow).ok());
}

TEST(SchemaSince, OffersOnlyWhatCanBeDone) {
  state::v1::DatabaseHistory history = Reversible("d-a", v1::SCHEMA_UNSAFE);
  const auto advice = [&] {
    const auto args = After({history}, v1::RollbackRequest::SCHEMA_UNSPECIFIED);
    return FailureOf(NewDeployment(args, kNow).status()).next_command();
  };
  EXPECT_THAT(advice(), HasSubstr("--schema keep` or `command` or `restore` in its place"));
  history.clear_backup();
  EXPECT_THAT(advice(), HasSubstr("--schema keep` or `command` in its place"));
  history.mutable_declared()->clear_rollback_command();
  EXPECT_THAT(advice(), HasSubstr("if you know better, `davit rollback web -e dev --schema keep`"));
}

TEST(SchemaSince, IsTakenBackOnceMoreWhereTheCommandDidNotSucceed) {
  state::v1::DatabaseHistory begun = Lacking("d-z");
  begun.mutable_migration()->clear_gaps();
  begun.mutable_migration()->add_changes()->set_sentence("The rollback_command was begun");
  state::v1::DatabaseHistory history = Reversible("d-a", v1::SCHEMA_UNSAFE);
  history.mutable_declared()->add_rollback_command("{{previous:shop}}");
  const auto state = NewDeployment(After({history, begun}, v1::RollbackRequest::COMMAND), kNow);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_THAT(SchemaNotes(state->record),
              Contains("main: The rollback_command was begun: not known to be safe (d-z)"));
}

TEST(SchemaSince, SaysWhatAnEarlierRollbackHasTakenBack) {
  state::v1::DatabaseHistory done = Lacking("d-z");
  done.mutable_migration()->set_meaning(v1::SCHEMA_UNCHANGED);
  const auto state = NewDeployment(After({done}, v1::RollbackRequest::COMMAND), kNow);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_THAT(SchemaNotes(state->record),
              ElementsAre("schema of main: a rollback has taken back what it needs (d-z)"));
}

// As After, with another database besides.
NewDeploymentArgs AfterWithOther(const std::vector<state::v1::DatabaseHistory>& since,
                                 v1::RollbackRequest::Schema schema) {
  NewDeploymentArgs args = After(since, schema);
  (*args.request.mutable_spec()->mutable_databases())["other"].mutable_url()->set_secret("OTHER");
  return args;
}

TEST(SchemaSince, IsReplacedOnlyWhereItIsNotSafe) {
  state::v1::DatabaseHistory safe = Migrated("d-b", v1::SCHEMA_SAFE);
  safe.set_database("other");
  const auto args =
      AfterWithOther({Reversible("d-a", v1::SCHEMA_UNSAFE), safe}, v1::RollbackRequest::RESTORE);
  const auto state = NewDeployment(args, kNow);
  ASSERT_TRUE(state.ok()) << state.status() << ": a safe one needs no backup";
  const auto replaced = SchemasWithFate(state->record, SchemaFate::kIsReplaced);
  ASSERT_THAT(replaced, SizeIs(1));
  EXPECT_EQ(replaced[0].first, "main");
  EXPECT_THAT(SchemaNotes(state->record),
              Contains("the schema of other stays as it is: safe for the older release"));
}

TEST(SchemaSince, IsTakenBackFromTheNewestChangeOn) {
  state::v1::DatabaseHistory other = Reversible("d-b", v1::SCHEMA_UNSAFE);
  other.set_database("other");
  const auto args =
      AfterWithOther({Reversible("d-a", v1::SCHEMA_UNSAFE), other}, v1::RollbackRequest::COMMAND);
  const auto taken = SchemasWithFate(NewDeployment(args, kNow)->record, SchemaFate::kIsTakenBack);
  ASSERT_THAT(taken, SizeIs(2));
  EXPECT_EQ(taken[0].first, "other");
}

TEST(SchemaSince, IsNotTakenBackTwiceInOneDatabaseOfTwoNames) {
  state::v1::DatabaseHistory other = Reversible("d-b", v1::SCHEMA_UNSAFE);
  other.set_database("other");
  NewDeploymentArgs args =
      AfterWithOther({Reversible("d-a", v1::SCHEMA_UNSAFE), other}, v1::RollbackRequest::COMMAND);
  args.request.mutable_spec()->mutable_databases()->at("other").mutable_url()->set_secret("URL");
  const absl::Status status = NewDeployment(args, kNow).status();
  EXPECT_TRUE(IsFailure(status, v1::SCHEMA_NOT_SAFE)) << status;
  EXPECT_THAT(status.message(), HasSubstr("it may be the same database as main"));
}

TEST(SchemaSince, GoesBackToBeforeTheFirstOfTheChanges) {
  state::v1::DatabaseHistory first = Migrated("d-a", v1::SCHEMA_UNSAFE);
  first.mutable_backup()->set_path("/backups/first");
  state::v1::DatabaseHistory second = Migrated("d-b", v1::SCHEMA_SAFE);
  second.mutable_backup()->set_path("/backups/second");
  (*second.mutable_migration()->mutable_previous())["blog"] = "0007";
  second.mutable_declared()->add_rollback_command("undo");
  const DeploymentState state = *NewDeployment(
      After({Migrated("d-0", v1::SCHEMA_UNCHANGED), first, second}, v1::RollbackRequest::KEEP),
      kNow);
  const SchemaSince since = SchemasSince(state.record).at("main");
  EXPECT_EQ(since.changes.size(), 2u);
  EXPECT_EQ(since.Backup()->path(), "/backups/first");
  EXPECT_THAT(since.Command()->rollback_command(), ElementsAre("undo"));
  EXPECT_THAT(since.Previous(),
              ElementsAre(std::pair("blog", "0007"), std::pair("shop", "before d-a")));
}

// Web is rolled back; worker uses the same database and is not; other uses none.
class SchemaPlan : public testing::Test {
 protected:
  NewDeploymentArgs Args(v1::RollbackRequest::Schema schema) {
    state::v1::DatabaseHistory history = Migrated("d-a", v1::SCHEMA_UNSAFE);
    history.mutable_backup()->set_host("h1");
    history.mutable_backup()->set_path("/backups/main-1.dump");
    history.mutable_declared()->add_rollback_command("migrate");
    history.mutable_declared()->add_rollback_command("{{previous:shop}}");
    NewDeploymentArgs args =
        TestArgs({.apps = {"other", "web", "worker"}, .previous = {{"web", 5}, {"worker", 5}}});
    v1::EnvironmentSpec& spec = *args.request.mutable_spec();
    for (const char* app : {"web", "worker"}) (*spec.mutable_apps())[app].set_database("main");
    v1::Database& database = (*spec.mutable_databases())["main"];
    database.mutable_url()->set_secret("URL");
    worker::v1::SecretUse url;
    url.set_name("URL");
    args.secrets = {url};
    args.request.add_apps("web");
    args.request.mutable_rollback()->set_schema(schema);
    state::v1::ReleaseRecord older = OlderWeb();
    older.mutable_app()->set_database("main");
    (*spec.mutable_apps())["web"] = AppAsItWas(spec, older);
    args.restored["web"] = older;
    args.history.at("web").live->mutable_view()->set_deployment_id("d-live");
    args.since = {history};
    return args;
  }
  // Once it is known what runs: `live`, and worker v5.
  static DeploymentState Surveyed(const NewDeploymentArgs& args, int64_t live = 5) {
    DeploymentState state = *NewDeployment(args, kNow);
    ModelHost host;
    host.containers["shop-web"] = OursOf("web", live);
    host.containers["shop-worker"] = OursOf("worker", 5);
    state.steps = SurveySteps(state);
    for (state::v1::StepRecord& step : state.steps) {
      *step.mutable_outputs() = host.Run(step.view().id(), step.spec()).outputs();
      step.mutable_view()->set_state(v1::STEP_SUCCEEDED);
    }
    return state;
  }
  std::vector<state::v1::StepRecord> Plan(v1::RollbackRequest::Schema schema) {
    auto plan = MakePlan(Surveyed(Args(schema)));
    EXPECT_TRUE(plan.ok()) << plan.status();
    return plan.ok() ? *plan : std::vector<state::v1::StepRecord>();
  }
  // Titles of what touches containers or databases, with their waves parted by "|".
  static std::vector<std::string> Titles(const std::vector<state::v1::StepRecord>& plan) {
    std::vector<std::string> titles;
    int wave = -1;
    for (const state::v1::StepRecord& step : plan) {
      if (step.view().phase() != v1::DATABASE && step.view().phase() != v1::RELEASE) continue;
      if (wave >= 0 && step.view().wave() != wave) titles.emplace_back("|");
      wave = step.view().wave();
      titles.push_back(step.view().title());
    }
    return titles;
  }
};

TEST_F(SchemaPlan, LeavesTheDatabaseAloneWhenItIsKept) {
  EXPECT_THAT(Titles(Plan(v1::RollbackRequest::KEEP)),
              ElementsAre("stop web v5", "start web v6", "check health of web v6",
                          "make web v6 the one that serves"));
}

TEST_F(SchemaPlan, RunsTheCommandInTheLiveReleaseBeforeAnythingIsStopped) {
  const auto plan = Plan(v1::RollbackRequest::COMMAND);
  EXPECT_THAT(Titles(plan), ElementsAre("take back the schema of database main", "|", "stop web v5",
                                        "start web v6", "check health of web v6",
                                        "make web v6 the one that serves"));
  for (const state::v1::StepRecord& step : plan) {
    if (step.view().phase() != v1::DATABASE) continue;
    const worker::v1::ContainerSpec& container = step.spec().run_one_off().container();
    EXPECT_THAT(container.command(), ElementsAre("migrate", "before d-a"));
    EXPECT_EQ(container.image(), "registry.test/web@sha256:old") << "that of the live release";
    EXPECT_EQ(step.spec().run_one_off().failure_code(), v1::MIGRATION_FAILED);
    EXPECT_EQ(step.view().takes_back(), "main");
  }
}

TEST_F(SchemaPlan, LoadsFirstAndRestoresOnceAllThatUseTheDatabaseAreStoppedAndPutsTheOthersBack) {
  const auto plan = Plan(v1::RollbackRequest::RESTORE);
  EXPECT_THAT(
      Titles(plan),
      ElementsAre("load main-1.dump beside database main", "|", "stop worker v5", "stop web v5",
                  "|", "restore database main from main-1.dump", "|", "start web v6",
                  "check health of web v6", "make web v6 the one that serves", "|",
                  "put worker v5 back", "|", "check health of worker v5"));
  for (const state::v1::StepRecord& step : plan) {
    if (!step.spec().has_load_backup()) continue;
    EXPECT_EQ(step.spec().load_backup().directory(), "/backups");
    EXPECT_EQ(step.spec().load_backup().database().url().name(), "URL");
  }
}

TEST_F(SchemaPlan, DoesNotGoBackUnaskedFromAReleaseThatIsNotOnRecord) {
  NewDeploymentArgs args = Args(v1::RollbackRequest::SCHEMA_UNSPECIFIED);
  args.since.clear();
  EXPECT_TRUE(MakePlan(Surveyed(args)).ok());
  const absl::Status status = MakePlan(Surveyed(args, 7)).status();
  ASSERT_TRUE(IsFailure(status, v1::SCHEMA_NOT_SAFE)) << status;
  EXPECT_THAT(FailureOf(status).evidence(),
              ElementsAre("h1: there is a container of web v7, of which this controller has no "
                          "record: what was migrated in main for it is not known"));
  args.request.mutable_rollback()->set_schema(v1::RollbackRequest::KEEP);
  EXPECT_TRUE(MakePlan(Surveyed(args, 7)).ok());
  EXPECT_THAT(PlanNotes(Surveyed(args, 7)), Contains(HasSubstr("a container of web v7, of which")));
  EXPECT_TRUE(MakePlan(Surveyed(Args(v1::RollbackRequest::RESTORE), 7)).ok())
      << "the backup of before takes its place";
  EXPECT_FALSE(MakePlan(Surveyed(Args(v1::RollbackRequest::COMMAND), 7)).ok());
}

TEST_F(SchemaPlan, WaitsForTheDatabaseAtTheUrlThatTheOlderReleaseHas) {
  NewDeploymentArgs args = Args(v1::RollbackRequest::KEEP);
  args.secrets[0].set_version(2);
  worker::v1::SecretUse& old =
      (*args.restored.at("web").mutable_container()->mutable_secret_env())["DATABASE_URL"];
  old.set_name("URL");
  old.set_version(1);
  const auto plan = MakePlan(Surveyed(args));
  ASSERT_TRUE(plan.ok()) << plan.status();
  int waits = 0;
  for (const state::v1::StepRecord& step : *plan) {
    if (!step.spec().has_wait_database()) continue;
    ++waits;
    EXPECT_EQ(step.spec().wait_database().database().url().version(), 1);
  }
  EXPECT_EQ(waits, 1);
}

TEST_F(SchemaPlan, SaysWhoStaysNewerThanTheSchemaWillBe) {
  for (const auto schema : {v1::RollbackRequest::COMMAND, v1::RollbackRequest::RESTORE}) {
    NewDeploymentArgs args = Args(schema);
    args.history.at("worker").live->mutable_view()->set_deployment_id("d-a");
    (*args.request.mutable_rollback()->mutable_releases())["web"] = 2;
    EXPECT_THAT(
        SchemaNotes(NewDeployment(args, kNow)->record),
        Contains(AllOf(HasSubstr("worker v5 stays, and is newer than the schema of main will be"),
                       HasSubstr("`davit rollback web worker -e dev --to web=2 --schema "))));
    args.history.at("worker").live->mutable_view()->set_deployment_id("d-0");
    EXPECT_THAT(SchemaNotes(NewDeployment(args, kNow)->record),
                Not(Contains(HasSubstr("worker v5"))))
        << "it was there before the change";
  }
}

TEST_F(SchemaPlan, StopsForARestoreAlsoWhatIsDeclaredNoMore) {
  NewDeploymentArgs args = Args(v1::RollbackRequest::RESTORE);
  args.request.mutable_spec()->mutable_apps()->erase("worker");
  args.history.at("worker").live->mutable_app()->set_database("main");
  EXPECT_TRUE(IsStoppedForRestore(NewDeployment(args, kNow)->record, "worker"));
  args.history.at("worker").live->mutable_app()->set_database("another");
  EXPECT_FALSE(IsStoppedForRestore(NewDeployment(args, kNow)->record, "worker"));
}

// The deployment with its plan, of which the steps up to the named one were carried out.
DeploymentState CarriedTo(DeploymentState state, std::vector<state::v1::StepRecord> plan,
                          const std::string& kind) {
  for (state::v1::StepRecord& step : plan) {
    step.mutable_view()->set_attempt(1);
    step.mutable_view()->set_state(v1::STEP_SUCCEEDED);
    state.steps.push_back(step);
    if (step.view().kind() == kind) break;
  }
  return state;
}

TEST_F(SchemaPlan, SaysWhatStaysOfACommandThatWasBegun) {
  const DeploymentState state = *NewDeployment(Args(v1::RollbackRequest::COMMAND), kNow);
  const auto plan = Plan(v1::RollbackRequest::COMMAND);
  EXPECT_FALSE(SchemaTakenBack(CarriedTo(state, plan, "preflight")).has_value());
  const auto stays = SchemaTakenBack(CarriedTo(state, plan, "run_one_off"));
  ASSERT_TRUE(stays.has_value());
  EXPECT_EQ(stays->code(), v1::SCHEMA_NOT_SAFE);
  EXPECT_THAT(stays->evidence(),
              Contains(HasSubstr("rollback_command of database main has taken its schema back")));
}

}  // namespace
}  // namespace davit::core
