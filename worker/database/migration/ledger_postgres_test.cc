#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "worker/database/migration/ledger.h"
#include "worker/database/restore/restore_lock.h"
#include "worker/database/testing/session_fixture.h"

namespace davit::database {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class LedgerPostgresTest : public SessionTest {};

TEST_F(LedgerPostgresTest, IsTakenByOneOfTwoThatBeginAtOnce) {
  std::vector<absl::StatusOr<BeginResult>> results(2);
  std::vector<std::thread> threads;
  for (int which : {0, 1}) {
    threads.emplace_back([&, which] {
      results[which] =
          BeginMigration(*Open(), {absl::StrCat("d", which), "s", "web-1", "c"}, Call());
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(results[0].ok() && results[1].ok()) << results[0].status() << results[1].status();
  const bool first = results[0]->outcome == BeginOutcome::kTaken;
  const BeginResult& winner = first ? *results[0] : *results[1];
  const BeginResult& other = first ? *results[1] : *results[0];
  EXPECT_EQ(winner.outcome, BeginOutcome::kTaken);
  EXPECT_EQ(other.outcome, BeginOutcome::kHeldBy);
  EXPECT_EQ(other.entry.claim.deployment, winner.entry.claim.deployment);
  EXPECT_THAT(HolderSentence(other.entry), HasSubstr("from host web-1 (container c)"));
}

TEST_F(LedgerPostgresTest, ResumesSupersedesAndFinishesTheLedger) {
  const auto connection = Open();
  const LedgerClaim mine = {"d1", "s", "web-1", "c1"};
  const LedgerClaim next = {"d2", "s", "web-2", "c2"};
  const auto taken = BeginMigration(*connection, mine, Call());
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(BeginMigration(*connection, mine, Call())->outcome, BeginOutcome::kAlreadyMine);
  const auto held = BeginMigration(*connection, next, Call());
  EXPECT_EQ(held->outcome, BeginOutcome::kHeldBy);
  EXPECT_TRUE(SupersedeMigration(*connection, held->entry, Call()).ok());
  EXPECT_TRUE(absl::IsAborted(SupersedeMigration(*connection, held->entry, Call())));
  const absl::Status late =
      FinishMigration(*connection, taken->entry, LedgerState::kFinished, Call());
  EXPECT_TRUE(absl::IsAborted(late)) << late;
  const auto again = BeginMigration(*connection, next, Call());
  EXPECT_EQ(again->outcome, BeginOutcome::kTaken);
  for (int times = 0; times < 2; ++times) {
    EXPECT_TRUE(FinishMigration(*connection, again->entry, LedgerState::kFinished, Call()).ok());
  }
  EXPECT_EQ(BeginMigration(*connection, next, Call())->entry.state, LedgerState::kFinished);
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0");
}

TEST_F(LedgerPostgresTest, NamesOthersThatHaveMigratedOfLate) {
  const auto connection = Open();
  for (const LedgerClaim& claim :
       {LedgerClaim{"d1", "s", "web-1", "c1"}, LedgerClaim{"d2", "s", "web-2", "c2"},
        LedgerClaim{"d3", "s", "web-1", ""}}) {
    const auto taken = BeginMigration(*connection, claim, Call());
    ASSERT_TRUE(taken.ok()) << taken.status();
    ASSERT_TRUE(FinishMigration(*connection, taken->entry, LedgerState::kFinished, Call()).ok());
  }
  Sql("UPDATE davit.davit_migrations SET ended_at = ended_at - interval '1 hour' "
      "WHERE deployment = 'd1'");
  const auto within = [&](absl::Duration age, const std::string& own) {
    return MigratedWithin(*connection, age, own, Call()).value_or(std::vector<std::string>{"?"});
  };
  EXPECT_THAT(within(absl::Minutes(50), "d4"), ElementsAre("d2")) << "d3 is a restore";
  EXPECT_THAT(within(absl::Minutes(70), "d4"), ElementsAre("d1", "d2"));
  EXPECT_THAT(within(absl::Minutes(70), "d2"), ElementsAre("d1"));
}

// Its host was lost for good: nobody is left who could prove it.
TEST_F(LedgerPostgresTest, IsFreeOnceTheStatementForItWasRun) {
  const auto connection = Open();
  const LedgerClaim lost = {"d'1", "s", "web-1", "c1"};
  const LedgerClaim next = {"d2", "s", "web-2", "c2"};
  const auto taken = BeginMigration(*connection, lost, Call());
  ASSERT_TRUE(taken.ok()) << taken.status();
  const auto held = BeginMigration(*connection, next, Call());
  EXPECT_EQ(held->outcome, BeginOutcome::kHeldBy);
  Sql(StatementToEnd(held->entry));
  EXPECT_EQ(BeginMigration(*connection, next, Call())->outcome, BeginOutcome::kTaken);
  EXPECT_TRUE(
      absl::IsAborted(FinishMigration(*connection, taken->entry, LedgerState::kFinished, Call())));
  EXPECT_EQ(BeginMigration(*connection, lost, Call())->entry.state, LedgerState::kSuperseded);
}

TEST_F(LedgerPostgresTest, SaysWhoseTurnItIsToWhoOnlyLooks) {
  const auto connection = Open();
  const auto none = FindRunningEntry(*connection, Call());
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_FALSE(none->has_value());
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'davit'"), "0");
  ASSERT_TRUE(BeginMigration(*connection, {"d1", "s", "web-1", ""}, Call()).ok());
  const auto held = FindRunningEntry(*connection, Call());
  ASSERT_TRUE(held.ok() && held->has_value()) << held.status();
  EXPECT_THAT(HolderSentence(**held),
              HasSubstr("Deployment d1 has been putting a backup in its place for "));
  EXPECT_THAT(HolderSentence(**held), EndsWith(" from host web-1"));
}

TEST_F(LedgerPostgresTest, KnowsARestoreThatLivesByItsLockWhateverDatabaseThatIsIn) {
  const auto connection = Open();
  EXPECT_FALSE(IsBeingRestored(*connection, Call()).value());
  {
    const auto lock = LockRestores(ConnectorTo(*ParseDatabaseUrl(server().SocketUrl(database()))),
                                   database(), absl::Seconds(10), Call());
    ASSERT_TRUE(lock.ok()) << lock.status();
    EXPECT_TRUE(IsBeingRestored(*connection, Call()).value());
    EXPECT_FALSE(IsBeingRestored(**lock, Call()).value()) << "another database";
  }
  const absl::Time until = absl::Now() + absl::Seconds(30);
  while (IsBeingRestored(*connection, Call()).value() && absl::Now() < until) {
  }
  EXPECT_FALSE(IsBeingRestored(*connection, Call()).value());
}

TEST_F(LedgerPostgresTest, TellsAnAdministratorWhatTheLedgerNeeds) {
  Sql(absl::StrCat("CREATE ROLE weak_", database(), " LOGIN"));
  const auto weak =
      OpenAs(absl::StrCat("postgresql://weak_", database(), "@/", database(),
                          "?host=", server().socket_directory(), "&port=", server().port()));
  const absl::Status denied = BeginMigration(*weak, {"d", "s", "h", "c"}, Call()).status();
  EXPECT_TRUE(absl::IsPermissionDenied(denied)) << denied;
  EXPECT_THAT(std::string(denied.message()), HasSubstr("CREATE SCHEMA davit AUTHORIZATION weak_"));
}

}  // namespace
}  // namespace davit::database
