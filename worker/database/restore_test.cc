#include "worker/database/restore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "worker/database/fake_tools.h"
#include "worker/database/libpq_environment.h"
#include "worker/database/restore_fixture.h"
#include "worker/database/restore_target.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

ArchiveReason ReasonOfRestore(const absl::Status& status) {
  const auto failure = ArchiveFailureOf(status);
  EXPECT_TRUE(failure.has_value()) << status;
  return failure.value_or(ArchiveFailure{}).reason;
}

TEST_F(RestoreTest, PutsTheBackupInThePlaceOfTheDatabaseAndKeepsThat) {
  const auto result = Restore(connector());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(State(), "then");
  EXPECT_THAT(result->before, StartsWith(database() + "_before_"));
  EXPECT_EQ(server().Sql(result->before, "SELECT word FROM state").value_or(""), "now\n");
  EXPECT_EQ(Databases(), absl::StrCat(database(), "|t\n", result->before, "|t\n"));
}

TEST_F(RestoreTest, OwnerAndSettingsAreAsBefore) {
  Server(absl::StrReplaceAll(
      R"(ALTER DATABASE @ SET search_path TO "$user", 'a "b"', public;
         ALTER DATABASE @ SET statement_timeout TO '7s';
         ALTER DATABASE @ SET app.tenant TO 'it''s \ one';
         ALTER DATABASE @ SET default_transaction_read_only TO on;
         ALTER ROLE % IN DATABASE @ SET work_mem TO '8MB';
         COMMENT ON DATABASE @ IS 'the shop''s';
         ALTER DATABASE @ CONNECTION LIMIT 17;
         REVOKE ALL ON DATABASE @ FROM PUBLIC;
         GRANT CONNECT ON DATABASE @ TO pg_monitor WITH GRANT OPTION;
         GRANT TEMPORARY ON DATABASE @ TO PUBLIC)",
      {{"@", database()}, {"%", owner_}}));
  const std::string look = absl::StrReplaceAll(
      R"(SELECT pg_get_userbyid(datdba), encoding, datcollate, datctype, datconnlimit,
           shobj_description(oid, 'pg_database'),
           (SELECT string_agg(format('%s %s %s', grantee, privilege_type, is_grantable), ', '
                              ORDER BY grantee, privilege_type) FROM aclexplode(datacl)),
           (SELECT string_agg(format('%s: %s', setrole, setconfig), E' ' ORDER BY setrole)
            FROM pg_db_role_setting WHERE setdatabase = d.oid)
         FROM pg_database d WHERE datname = '@')",
      {{"@", database()}});
  const std::string before = Server(look);
  EXPECT_THAT(before, HasSubstr("app.tenant"));
  const auto result = Restore(connector());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(Server(look), before);
  EXPECT_EQ(State(), "then");
  EXPECT_EQ(Sql("SELECT tableowner FROM pg_tables WHERE tablename = 'state'"), owner_);
}

TEST_F(RestoreTest, EncodingAndLocaleAreAsBefore) {
  Server(absl::StrCat("DROP DATABASE ", database(), " WITH (FORCE)"));
  Server(absl::StrCat("CREATE DATABASE ", database(),
                      " TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"));
  const auto result = Restore(connector());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(Sql("SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database "
                "WHERE datname = current_database()"),
            "LATIN1|C");
}

TEST_F(RestoreTest, EndsTheSessionsThatUseTheDatabase) {
  const auto session = Connect(*ParseDatabaseUrl(url()), {}, {});
  ASSERT_TRUE(session.ok()) << session.status();
  ASSERT_TRUE((*session)->Query("BEGIN; UPDATE state SET word = 'later'", {}).ok());
  ASSERT_TRUE(Restore(connector()).ok());
  EXPECT_FALSE((*session)->Query("COMMIT", {}).ok());
  EXPECT_EQ(State(), "then");
}

TEST_F(RestoreTest, NeedsNoSuperuser) {
  DatabaseUrl url = *ParseDatabaseUrl(server().Url());
  url.user = owner_;
  url.password = "owner";
  RestoreRequest request = Request();
  request.environment = LibpqEnvironmentOf(url);
  const auto result = RestoreBackup({}, *tools_, ConnectorTo(url), SystemClock(), request, nullptr);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(State(), "then");
}

TEST_F(RestoreTest, SaysWhichRightIsMissingBeforeAnythingIsMade) {
  DatabaseUrl url = *ParseDatabaseUrl(server().Url());
  url.user = owner_;
  url.password = "owner";
  Server(absl::StrCat("ALTER ROLE ", owner_, " NOCREATEDB"));
  const auto no_createdb = ArchiveFailureOf(Restore(ConnectorTo(url)).status());
  ASSERT_TRUE(no_createdb.has_value());
  EXPECT_EQ(no_createdb->reason, ArchiveReason::kRights);
  EXPECT_EQ(no_createdb->evidence, "it has no CREATEDB");
  Server(absl::StrCat("ALTER ROLE ", owner_, " CREATEDB; ALTER DATABASE ", database(),
                      " OWNER TO postgres"));
  const auto no_owner = ArchiveFailureOf(Restore(ConnectorTo(url)).status());
  ASSERT_TRUE(no_owner.has_value());
  EXPECT_EQ(no_owner->evidence, "it is not a member of the owner, postgres");
  EXPECT_EQ(Databases(), OnlyTheOldOne());
}

TEST_F(RestoreTest, DoesNotBeginWithADamagedBackup) {
  std::filesystem::resize_file(temp_.File("backups/" + backup_.file), backup_.size_bytes - 1);
  EXPECT_EQ(ReasonOfRestore(Restore(connector()).status()), ArchiveReason::kArchiveDamaged);
  EXPECT_EQ(Databases(), OnlyTheOldOne());
}

TEST_F(RestoreTest, SaysThatThereIsNoSuchDatabase) {
  RestoreRequest request = Request();
  request.database = "nowhere";
  const auto result = RestoreBackup({}, *tools_, connector(), SystemClock(), request, nullptr);
  EXPECT_EQ(ReasonOfRestore(result.status()), ArchiveReason::kDatabaseMissing);
}

TEST_F(RestoreTest, OneAtATime) {
  const auto other = Connect(*ParseDatabaseUrl(server().Url()), {}, {});
  ASSERT_TRUE(other.ok()) << other.status();
  ASSERT_TRUE((*other)
                  ->Query("SELECT pg_advisory_lock(hashtext('davit.restore'), hashtext($1))",
                          {database()}, {})
                  .ok());
  EXPECT_EQ(ReasonOfRestore(Restore(connector()).status()), ArchiveReason::kBusy);
}

TEST_F(RestoreTest, WhicheverStatementFailsTheOldOneServes) {
  int failing = 1;
  for (bool failed = true; failed; ++failing) {
    failed = false;
    const auto result = Restore(Guarded(connector(), [&](int number) {
      if (number != failing || failed) return absl::OkStatus();
      failed = true;
      return absl::InternalError("injected");
    }));
    if (!failed) {
      EXPECT_TRUE(result.ok()) << result.status();
      break;
    }
    EXPECT_FALSE(result.ok()) << failing;
    EXPECT_EQ(State(), "now") << failing;
    EXPECT_EQ(Databases(), OnlyTheOldOne()) << failing;
  }
  EXPECT_GT(failing, 10);
  EXPECT_EQ(State(), "then");
}

TEST_F(RestoreTest, WhereverTheWorkerIsKilledTheOldOneServes) {
  int killed_at = 1;
  while (!RestoreInAChild(Guarded(connector(), [&](int number) {
    if (number == killed_at) kill(getpid(), SIGKILL);
    return absl::OkStatus();
  }))) {
    EXPECT_EQ(State(), "now") << killed_at;
    EXPECT_TRUE(absl::StrContains(Databases(), OnlyTheOldOne())) << killed_at;
    const absl::Status repaired = Repair();
    EXPECT_TRUE(repaired.ok()) << repaired;
    EXPECT_EQ(Databases(), OnlyTheOldOne()) << killed_at;
    if (++killed_at > 100) break;
  }
  EXPECT_GT(killed_at, 10);
  EXPECT_LT(killed_at, 100);
  EXPECT_EQ(State(), "then");
}

TEST_F(RestoreTest, LeavesTheOldOneWhenPgRestoreFailsOrIsKilledHalfWay) {
  for (const ChildEnd& end : {ChildEnd{.exit_code = 1, .error_tail = "pg_restore: error: no"},
                              ChildEnd{.signal = SIGKILL}}) {
    FakeTools tools;
    tools.OnRestore([&](const ToolRun& run) -> absl::StatusOr<ChildEnd> {
      const bool loads = absl::StartsWith(run.arguments.front(), "--exit-on-error");
      const auto done = tools_->Run({}, run);
      return loads ? end : done;
    });
    const auto result = RestoreBackup({}, tools, connector(), SystemClock(), Request(), nullptr);
    EXPECT_EQ(ReasonOfRestore(result.status()),
              end.signal == 0 ? ArchiveReason::kToolFailed : ArchiveReason::kToolKilled);
    EXPECT_EQ(State(), "now");
    EXPECT_EQ(Databases(), OnlyTheOldOne());
  }
}

TEST_F(RestoreTest, LeavesTheOldOneWhenARoleOfTheBackupIsNotThere) {
  Sql(absl::StrCat("ALTER TABLE state OWNER TO postgres; REASSIGN OWNED BY ", owner_,
                   " TO postgres"));
  Server(absl::StrCat("ALTER DATABASE ", database(), " OWNER TO postgres; DROP ROLE ", owner_));
  const auto failure = ArchiveFailureOf(Restore(connector()).status());
  ASSERT_TRUE(failure.has_value());
  EXPECT_THAT(failure->evidence, HasSubstr("role \"" + owner_ + "\" does not exist"));
  EXPECT_EQ(State(), "now");
  EXPECT_EQ(Databases(), OnlyTheOldOne());
}

// Somebody has the database itself locked, so that the renames have to wait.
class LockedRestoreTest : public RestoreTest {
 protected:
  void Lock() {
    auto holder = Connect(*ParseDatabaseUrl(server().Url()), {}, {});
    ASSERT_TRUE(holder.ok()) << holder.status();
    holder_ = *std::move(holder);
    const auto locked =
        holder_->Query(absl::StrCat("BEGIN; COMMENT ON DATABASE ", database(), " IS 'locked'"), {});
    ASSERT_TRUE(locked.ok()) << locked.status();
  }
  void Unlock() { EXPECT_TRUE(holder_->Query("ROLLBACK", {}).ok()); }
  bool AwaitDatabases(const std::function<bool(const std::string&)>& wanted) const {
    const Call call = Call().Within(absl::Seconds(30));
    while (!wanted(Databases())) {
      if (!call.Wait(absl::Milliseconds(10)).ok()) return false;
    }
    return true;
  }

 private:
  std::unique_ptr<Connection> holder_;
};

TEST_F(LockedRestoreTest, TheServerGoesOnWithTheSwapWhenTheWorkerIsKilledInIt) {
  Lock();
  const pid_t child = fork();
  if (child == 0) _exit(Restore(connector()).ok() ? 0 : 1);
  EXPECT_TRUE(AwaitDatabases(
      [this](const std::string& all) { return absl::StrContains(all, database() + "|f\n"); }));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  Unlock();
  EXPECT_TRUE(AwaitDatabases([](const std::string& all) {
    return absl::StrContains(all, "_before_") && !absl::StrContains(all, "|f");
  }));
  EXPECT_EQ(State(), "then");
  EXPECT_TRUE(Repair().ok());
  EXPECT_EQ(State(), "then");
}

TEST_F(LockedRestoreTest, ConnectionsAreAllowedAgainWhenTheSwapTakesTooLong) {
  Lock();
  RestoreRequest request = Request();
  request.swap_patience = absl::Milliseconds(1);
  const auto result = RestoreBackup({}, *tools_, connector(), SystemClock(), request, nullptr);
  EXPECT_EQ(ReasonOfRestore(result.status()), ArchiveReason::kSessions);
  EXPECT_EQ(State(), "now");
  EXPECT_EQ(Databases(), OnlyTheOldOne());
  Unlock();
}

// The server cancels the swap's statement, as an administrator may.
TEST_F(LockedRestoreTest, ConnectionsAreAllowedAgainWhenTheSwapIsCancelled) {
  Lock();
  const pid_t child = fork();
  if (child == 0) _exit(Restore(connector()).ok() ? 0 : 1);
  EXPECT_TRUE(AwaitDatabases(
      [this](const std::string& all) { return absl::StrContains(all, database() + "|f\n"); }));
  Server("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'DO $davit$%'");
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 1);
  EXPECT_EQ(State(), "now");
  EXPECT_EQ(Databases(), OnlyTheOldOne());
  Unlock();
}

// What is left when the server itself dies in the swap.
TEST_F(RestoreTest, RepairAllowsConnectionsAgainAndDropsWhatWasInTheMaking) {
  const std::string fresh = RestoringName(database(), absl::Now());
  Server(absl::StrCat("CREATE DATABASE ", fresh));
  Server(absl::StrCat("ALTER DATABASE ", database(), " ALLOW_CONNECTIONS false"));
  EXPECT_THAT(State(), HasSubstr("not currently accepting connections"));
  ASSERT_TRUE(Repair().ok());
  EXPECT_EQ(State(), "now");
  EXPECT_EQ(Databases(), OnlyTheOldOne());
}

TEST_F(RestoreTest, RepairLeavesAloneWhatNoRestoreRefused) {
  Server(absl::StrCat("ALTER DATABASE ", database(), " ALLOW_CONNECTIONS false"));
  ASSERT_TRUE(Repair().ok());
  EXPECT_EQ(Databases(), database() + "|f\n");
}

TEST(RestoreNames, FitTheServerAndDifferWhereTheDatabasesDo) {
  const std::string longest(62, 'x');
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  EXPECT_EQ(BeforeName("shop", now), "shop_before_20231114221320");
  EXPECT_EQ(BeforeName(longest + "a", now).size(), 63);
  EXPECT_NE(RestoringName(longest + "a", now), RestoringName(longest + "b", now));
  EXPECT_THAT(RestoringName(longest, now), StartsWith(RestoringPrefix(longest)));
}

}  // namespace
}  // namespace davit::database
