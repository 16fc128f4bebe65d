#include "worker/database/restore/load_backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/database/migration/ledger.h"
#include "worker/database/restore/restore_lock.h"
#include "worker/database/restore/restore_names.h"
#include "worker/database/testing/fake_tools.h"
#include "worker/database/testing/restore_fixture.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;

TEST_F(RestoreTest, ALoadLeavesTheDatabaseAloneAndSaysBesideItWhatItHasMade) {
  const auto session = Connect(*ParseDatabaseUrl(url()), {}, {});
  ASSERT_TRUE(session.ok()) << session.status();
  const absl::Status loaded = Load(connector());
  ASSERT_TRUE(loaded.ok()) << loaded;
  EXPECT_EQ(State(), "now");
  EXPECT_TRUE((*session)->Query("UPDATE state SET word = 'later'", {}).ok()) << "it serves";
  EXPECT_EQ(server().Sql(Fresh(), "SELECT word FROM state").value_or(""), "then\n");
  EXPECT_EQ(Databases(), WithTheFreshOne());
}

// Tools that end the test when they are used.
FakeTools Unwanted() {
  FakeTools tools;
  tools.OnRestore([](const ToolRun&) -> absl::StatusOr<ChildEnd> {
    ADD_FAILURE() << "it is read once more";
    return absl::InternalError("unwanted");
  });
  return tools;
}

TEST_F(RestoreTest, ALoadThatWasDoneIsNotDoneAgain) {
  ASSERT_TRUE(Load(connector()).ok());
  FakeTools tools = Unwanted();
  const absl::Status again = LoadBackup({}, tools, connector(), LoadOf(), nullptr);
  EXPECT_TRUE(again.ok()) << again;
  EXPECT_EQ(Databases(), WithTheFreshOne());
}

TEST_F(RestoreTest, ALoadThatWasBrokenOffIsMadeAnew) {
  Server(absl::StrCat("CREATE DATABASE ", Fresh()));
  ASSERT_TRUE(Load(connector()).ok());
  EXPECT_EQ(server().Sql(Fresh(), "SELECT word FROM state").value_or(""), "then\n");
}

TEST_F(RestoreTest, ALoadRemovesWhatOtherRestoresHaveLeft) {
  const std::string other = RestoringName(database(), "another");
  const std::string of_another_database = RestoringName(database() + "_eu", "another");
  Server(absl::StrCat("CREATE DATABASE ", other));
  Server(absl::StrCat("CREATE DATABASE ", of_another_database));
  ASSERT_TRUE(Load(connector()).ok());
  EXPECT_FALSE(absl::StrContains(Databases(), other)) << Databases();
  EXPECT_THAT(Databases(), HasSubstr(of_another_database));
}

TEST_F(RestoreTest, SaysWhichRightIsMissingBeforeAnythingIsMade) {
  Server(absl::StrCat("ALTER ROLE ", owner_, " NOCREATEDB"));
  const auto no_createdb = ArchiveFailureOf(Load(ConnectorOfOwner()));
  ASSERT_TRUE(no_createdb.has_value());
  EXPECT_EQ(no_createdb->reason, ArchiveReason::kRights);
  EXPECT_EQ(no_createdb->evidence, "it has no CREATEDB");
  Server(absl::StrCat("ALTER ROLE ", owner_, " CREATEDB; ALTER DATABASE ", database(),
                      " OWNER TO postgres"));
  const auto no_owner = ArchiveFailureOf(Load(ConnectorOfOwner()));
  ASSERT_TRUE(no_owner.has_value());
  EXPECT_EQ(no_owner->evidence, "it is not a member of the owner, postgres");
  EXPECT_EQ(Databases(), OnlyTheOldOne());
}

TEST_F(RestoreTest, DoesNotBeginWithADamagedBackup) {
  std::filesystem::resize_file(temp_.File("backups/" + backup_.file), backup_.size_bytes - 1);
  EXPECT_EQ(ReasonOfRestore(Load(connector())), ArchiveReason::kArchiveDamaged);
  EXPECT_EQ(Databases(), OnlyTheOldOne());
}

TEST_F(RestoreTest, SaysThatThereIsNoSuchDatabase) {
  LoadRequest request = LoadOf();
  request.database = "nowhere";
  const absl::Status loaded = LoadBackup({}, *tools_, connector(), request, nullptr);
  EXPECT_EQ(ReasonOfRestore(loaded), ArchiveReason::kDatabaseMissing);
}

// Of the database, as a whole company's standard may have it.
TEST_F(RestoreTest, IsNotDisturbedByTimeoutsOfTheRoleThatRestores) {
  Sql("INSERT INTO state SELECT repeat(md5(n::text), 9) FROM generate_series(1, 60000) n");
  backup_ = BackItUp();
  for (const char* const name : {"statement_timeout", "lock_timeout", "idle_session_timeout",
                                 "idle_in_transaction_session_timeout"}) {
    Server(absl::StrCat("ALTER ROLE ", owner_, " SET ", name, " TO '30ms'"));
  }
  LoadRequest request = LoadOf();
  request.environment["PGUSER"] = owner_;
  request.environment["PGPASSWORD"] = "owner";
  const absl::Status loaded = LoadBackup({}, *tools_, ConnectorOfOwner(), request, nullptr);
  EXPECT_TRUE(loaded.ok()) << loaded;
  const auto swapped = SwapIn({}, ConnectorOfOwner(), SwapOf());
  EXPECT_TRUE(swapped.ok()) << swapped.status();
}

// Tools that do something once all is read in.
FakeTools After(HostTools& real, std::function<void()> act) {
  FakeTools tools;
  tools.OnRestore([&real, act = std::move(act)](const ToolRun& run) -> absl::StatusOr<ChildEnd> {
    auto done = real.Run({}, run);
    if (absl::StartsWith(run.arguments.front(), "--exit-on-error")) act();
    return done;
  });
  return tools;
}

constexpr char kEndTheLocksSession[] =
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'";

TEST_F(RestoreTest, ALoadGoesOnWhereTheSessionThatKeepsOthersAwayIsLost) {
  FakeTools tools = After(*tools_, [this] { Server(kEndTheLocksSession); });
  const absl::Status loaded = LoadBackup({}, tools, connector(), LoadOf(), nullptr);
  EXPECT_TRUE(loaded.ok()) << loaded;
  EXPECT_EQ(Databases(), WithTheFreshOne());
}

TEST_F(RestoreTest, ALoadIsNotWholeWhereAnotherTookItsPlaceMeanwhile) {
  FakeTools tools = After(*tools_, [this] {
    Server(kEndTheLocksSession);
    Server("DROP DATABASE " + Fresh());
    Server("CREATE DATABASE " + Fresh());
  });
  const absl::Status loaded = LoadBackup({}, tools, connector(), LoadOf(), nullptr);
  EXPECT_EQ(ReasonOfRestore(loaded), ArchiveReason::kLoadedGone) << loaded;
}

TEST_F(RestoreTest, ALoadEndsTheTurnsOfMigrationsThatAreInTheBackup) {
  const auto session = Connect(*ParseDatabaseUrl(url()), {}, {});
  ASSERT_TRUE(session.ok()) << session.status();
  ASSERT_TRUE(BeginMigration(**session, {"shop-dev-3", "s", "web-1", "c"}, {}).ok());
  backup_ = BackItUp();
  ASSERT_TRUE(Load(connector()).ok());
  const std::string states = "SELECT deployment, state FROM davit.davit_migrations";
  EXPECT_EQ(server().Sql(Fresh(), states).value_or(""), "shop-dev-3|superseded\n");
  EXPECT_EQ(Sql(states), "shop-dev-3|running") << "the one that serves";
}

TEST_F(RestoreTest, OneAtATime) {
  const auto lock = LockRestores(connector(), database(), absl::ZeroDuration(), {});
  ASSERT_TRUE(lock.ok()) << lock.status();
  LoadRequest load = LoadOf();
  load.lock_patience = absl::Milliseconds(1);
  EXPECT_EQ(ReasonOfRestore(LoadBackup({}, *tools_, connector(), load, nullptr)),
            ArchiveReason::kBusy);
  SwapRequest swap = SwapOf();
  swap.lock_patience = absl::Milliseconds(1);
  EXPECT_EQ(ReasonOfRestore(SwapIn({}, connector(), swap).status()), ArchiveReason::kBusy);
}

TEST_F(RestoreTest, WhatWasLoadedIsDroppedAndNothingElse) {
  ASSERT_TRUE(Load(connector()).ok());
  const auto inside = connector()(Fresh(), {});
  ASSERT_TRUE(inside.ok()) << "somebody looks into it: " << inside.status();
  const auto dropped = DropLoaded({}, connector(), database(), LoadOf().key);
  ASSERT_TRUE(dropped.ok()) << dropped.status();
  EXPECT_TRUE(*dropped);
  EXPECT_EQ(Databases(), OnlyTheOldOne());
  EXPECT_FALSE(DropLoaded({}, connector(), database(), LoadOf().key).value_or(true));
}

TEST_F(RestoreTest, WhatIsInItsPlaceIsNotDropped) {
  ASSERT_TRUE(Restore(connector()).ok());
  EXPECT_FALSE(DropLoaded({}, connector(), database(), LoadOf().key).value_or(true));
  EXPECT_EQ(State(), "then");
}

TEST_F(RestoreTest, WhatWasLoadedIsDroppedOnceAServerThatIsStartedAgainIsBack) {
  ASSERT_TRUE(Load(connector()).ok());
  int refused = 0;
  const DatabaseConnector restarting =
      [&](const std::string& database,
          const Call& call) -> absl::StatusOr<std::unique_ptr<Connection>> {
    if (refused < 5) {
      ++refused;
      return absl::UnavailableError("connection refused");
    }
    return connector()(database, call);
  };
  const auto dropped = DropLoaded({}, restarting, database(), LoadOf().key);
  EXPECT_TRUE(dropped.value_or(false)) << dropped.status();
  EXPECT_EQ(Databases(), OnlyTheOldOne());
}

TEST_F(RestoreTest, WhatIsStillBeingLoadedIsDroppedAllTheSame) {
  FakeTools tools;
  tools.OnRestore([&](const ToolRun& run) -> absl::StatusOr<ChildEnd> {
    auto done = tools_->Run({}, run);
    if (!absl::StartsWith(run.arguments.front(), "--exit-on-error")) return done;
    const auto dropped =
        DropLoaded({}, connector(), database(), LoadOf().key, {.lock = absl::Milliseconds(1)});
    EXPECT_TRUE(dropped.value_or(false)) << dropped.status();
    return done;
  });
  EXPECT_FALSE(LoadBackup({}, tools, connector(), LoadOf(), nullptr).ok());
  EXPECT_EQ(Databases(), OnlyTheOldOne());
}

}  // namespace
}  // namespace davit::database
