// Restores and migrations that want the same database.
#include "worker/steps/database/migration/turn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "worker/database/restore/database_swap.h"
#include "worker/database/restore/restore_lock.h"
#include "worker/database/restore/restore_names.h"
#include "worker/steps/database/restore/begin.h"
#include "worker/steps/database/restore/restore_fixture.h"

namespace davit::steps {
namespace {

using database::LedgerClaim;
using database::LedgerState;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const LedgerClaim kStage = {"shop-stage-9", "05, attempt 1", "web-2, engine AAAA:BBBB:CCCC", "c-9"};
const LedgerClaim kRestoring = {"shop-dev-8", "07, attempt 1", "web-1", ""};

class RestoreTurnTest : public RestoreStepsTest {
 protected:
  std::unique_ptr<database::Connection> Open(const std::string& database) const {
    auto made = database::ConnectorTo(*database::ParseDatabaseUrl(url()))(database, Call());
    EXPECT_TRUE(made.ok()) << made.status();
    return *std::move(made);
  }
  void Begin(const LedgerClaim& claim) const {
    const auto begun = BeginMigration(*Open(database()), claim, Call());
    ASSERT_TRUE(begun.ok()) << begun.status();
    ASSERT_EQ(begun->outcome, database::BeginOutcome::kTaken);
  }
  absl::Status TakeAsStage(StepReporter& reporter) {
    const auto database = StepDatabase::Of(access_, WayIn::kApp, context_, engine_);
    KeptSession session(&*database);
    return TakeAsStage(session, reporter);
  }
  absl::Status TakeAsStage(KeptSession& session, StepReporter& reporter) {
    const TurnHolder holder(&session.database(), &engine_, &running_, temp_.path(), kStage.host);
    return MigrationTurn(&session, holder, kStage).Take(absl::Seconds(30), Call(), reporter);
  }
  std::string Ledger(const std::string& database) const {
    return server()
        .Sql(database, "SELECT deployment, state FROM davit.davit_migrations ORDER BY 1")
        .value_or("none\n");
  }

  RunningMigrations running_;
};

TEST_F(RestoreTurnTest, ALoadIsRefusedWhileAMigrationRunsAndSaysWhose) {
  Begin(kStage);
  const v1::Failure failure = Fail(Load(backup_));
  EXPECT_THAT(failure, HasCode(v1::MIGRATION_HELD));
  EXPECT_THAT(failure, Shows("Deployment shop-stage-9 has been migrating it for "));
  EXPECT_THAT(failure, Shows("from host web-2, engine AAAA:BBBB:CCCC (container c-9)"));
  EXPECT_THAT(failure.next_command(), HasSubstr("WHERE deployment = 'shop-stage-9'"));
  EXPECT_THAT(Others(), IsEmpty());
}

TEST_F(RestoreTurnTest, ASwapIsRefusedWhereAMigrationHasBegunSinceAndLeavesItsSessions) {
  LoadIt();
  Begin(kStage);
  const auto migrating = Open(database());
  context_.call.deadline = absl::Now() + absl::Seconds(5);
  EXPECT_THAT(Fail(Restore(backup_)), HasCode(v1::MIGRATION_HELD));
  EXPECT_TRUE(migrating->Query("SELECT 1", Call()).ok());
  EXPECT_EQ(Word(), "now");
  EXPECT_EQ(Ledger(database()), "shop-stage-9|running\n");
}

TEST_F(RestoreTurnTest, ASwapGivesItsTurnBackAndTheNewDatabaseHasNone) {
  LoadIt();
  ASSERT_TRUE(Run(Restore(backup_)).ok());
  EXPECT_EQ(Ledger(Others()), "shop-dev-7|finished\n");
  EXPECT_EQ(Ledger(database()), "none\n");
}

TEST_F(RestoreTurnTest, ASwapThatFailsGivesItsTurnBack) {
  LoadIt();
  const auto begun = RestoreBegin(environment_.state_directory, context_.key, absl::Now());
  ASSERT_TRUE(begun.ok()) << begun.status();
  const std::string name_of_old = database::BeforeName(database(), *begun);
  Sql(absl::StrCat("CREATE DATABASE ", name_of_old));
  EXPECT_FALSE(Run(Restore(backup_)).ok());
  Sql(absl::StrCat("DROP DATABASE ", name_of_old));
  EXPECT_EQ(Word(), "now");
  EXPECT_EQ(Ledger(database()), "shop-dev-7|failed\n");
}

TEST_F(RestoreTurnTest, ALedgerThatItMakesIsTheOneOfMigrations) {
  const std::string role = absl::StrCat("app_", database());
  Sql(absl::StrCat("CREATE ROLE ", role, " LOGIN PASSWORD 'it'; GRANT CREATE ON DATABASE ",
                   database(), " TO ", role));
  SetAdminUrl(url());
  SetUrl(absl::StrReplaceAll(
      url(), {{url().substr(0, url().find('@')), absl::StrCat("postgresql://", role, ":it")}}));
  LoadIt();
  ASSERT_TRUE(Run(Restore(backup_)).ok());
  EXPECT_EQ(server()
                .Sql(Others(),
                     "SELECT tableowner FROM pg_tables WHERE tablename = "
                     "'davit_migrations'")
                .value_or(""),
            absl::StrCat(role, "\n"));
  EXPECT_EQ(Ledger(Others()), "shop-dev-7|finished\n");
}

TEST_F(RestoreTurnTest, ARestoreNeedsNoRightsOfTheAppsRole) {
  const std::string role = absl::StrCat("weak_", database());
  Sql(absl::StrCat("CREATE ROLE ", role, " LOGIN PASSWORD 'it'"));
  SetAdminUrl(url());
  SetUrl(absl::StrReplaceAll(
      url(), {{url().substr(0, url().find('@')), absl::StrCat("postgresql://", role, ":it")}}));
  LoadIt();
  ASSERT_TRUE(Run(Restore(backup_)).ok());
  EXPECT_EQ(Ledger(Others()), "shop-dev-7|finished\n");
}

TEST_F(RestoreTurnTest, AMigrationThatAsksMeanwhileWaitsAndBeginsInWhatTookThePlace) {
  LoadIt();
  const std::string fresh = Others();
  const std::string before = database() + "_before_it";
  auto lock = database::LockRestores(database::ConnectorTo(*database::ParseDatabaseUrl(url())),
                                     database(), absl::Seconds(10), Call());
  ASSERT_TRUE(lock.ok()) << lock.status();
  Begin(kRestoring);
  TellingReporter reporter;
  absl::Notification waits;
  reporter.OnProgress([&](const v1::StepProgress& progress) {
    if (!waits.HasBeenNotified() && absl::StrContains(progress.phase(), "putting a backup")) {
      waits.Notify();
    }
  });
  absl::Status taken;
  std::thread stage([&] { taken = TakeAsStage(reporter); });
  EXPECT_TRUE(waits.WaitForNotificationWithTimeout(absl::Seconds(30)));
  const absl::Status swapped =
      database::SwapDatabases(**lock, {database(), fresh, before}, absl::Seconds(30), Call());
  EXPECT_TRUE(swapped.ok()) << swapped;
  lock->reset();
  stage.join();
  EXPECT_TRUE(taken.ok()) << taken;
  EXPECT_EQ(Ledger(database()), "shop-stage-9|running\n");
  EXPECT_EQ(Ledger(before), "shop-dev-8|running\n");
}

// As a swap ends it that comes between.
TEST_F(RestoreTurnTest, AMigrationWhoseSessionWasEndedTakesItsTurnInAnotherOne) {
  const auto app = StepDatabase::Of(access_, WayIn::kApp, context_, engine_);
  KeptSession session(&*app);
  const auto ended = session.Get(Call());
  ASSERT_TRUE(ended.ok()) << ended.status();
  Sql(absl::StrCat("SELECT pg_terminate_backend(", (*ended)->backend_pid(), ", 10000)"));
  const absl::Status taken = TakeAsStage(session, reporter_);
  EXPECT_TRUE(taken.ok()) << taken;
  EXPECT_EQ(Ledger(database()), "shop-stage-9|running\n");
}

TEST_F(RestoreTurnTest, AMigrationTakesTheTurnOfARestoreWhoseWorkerDied) {
  Begin(kRestoring);
  const absl::Status taken = TakeAsStage(reporter_);
  EXPECT_TRUE(taken.ok()) << taken;
  EXPECT_EQ(Ledger(database()), "shop-dev-8|superseded\nshop-stage-9|running\n");
}

TEST_F(RestoreTurnTest, ARestoreTakesTheTurnOfOneThatDied) {
  LoadIt();
  Begin(kRestoring);
  context_.resumed = true;
  ASSERT_TRUE(Run(Restore(backup_)).ok());
  EXPECT_EQ(Ledger(Others()), "shop-dev-7|finished\nshop-dev-8|superseded\n");
}

}  // namespace
}  // namespace davit::steps
