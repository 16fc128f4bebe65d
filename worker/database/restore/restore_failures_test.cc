#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/database/restore/restore_lock.h"
#include "worker/database/restore/restore_names.h"
#include "worker/database/restore/restore_repair.h"
#include "worker/database/testing/fake_tools.h"
#include "worker/database/testing/restore_fixture.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;

TEST_F(RestoreTest, SaysThatItMayNotEndTheSessionsOfOthers) {
  const auto others = Connect(*ParseDatabaseUrl(url()), {}, {});
  ASSERT_TRUE(others.ok()) << others.status();
  ASSERT_TRUE(Load(connector()).ok());
  const auto result = SwapIn({}, ConnectorOfOwner(), SwapOf());
  EXPECT_EQ(ReasonOfRestore(result.status()), ArchiveReason::kRights) << result.status();
  EXPECT_EQ(State(), "now");
  EXPECT_EQ(Databases(), WithTheFreshOne());
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
    EXPECT_TRUE(absl::StrContains(Databases(), OnlyTheOldOne())) << failing;
    ASSERT_TRUE(Repair().ok());
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
    EXPECT_EQ(ReasonOfRestore(LoadBackup({}, tools, connector(), LoadOf(), nullptr)),
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
  SwapRequest again = SwapOf();
  again.resumed = true;
  again.lock_patience = absl::ZeroDuration();
  EXPECT_EQ(ReasonOfRestore(SwapIn({}, connector(), again).status()), ArchiveReason::kBusy);
  Unlock();
  again.lock_patience = absl::Seconds(30);
  const auto found = SwapIn({}, connector(), again);
  EXPECT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(State(), "then");
  EXPECT_TRUE(Repair().ok());
  EXPECT_EQ(State(), "then");
}

TEST_F(LockedRestoreTest, ConnectionsAreAllowedAgainWhenTheSwapTakesTooLong) {
  ASSERT_TRUE(Load(connector()).ok());
  Lock();
  SwapRequest request = SwapOf();
  request.patience = absl::Milliseconds(1);
  EXPECT_EQ(ReasonOfRestore(SwapIn({}, connector(), request).status()), ArchiveReason::kSessions);
  EXPECT_EQ(State(), "now");
  EXPECT_EQ(Databases(), WithTheFreshOne());
  Unlock();
}

TEST_F(LockedRestoreTest, ConnectionsAreAllowedAgainWhenTheRestoreIsCancelledInTheSwap) {
  ASSERT_TRUE(Load(connector()).ok());
  Lock();
  CancelToken cancel;
  std::thread user([&] {
    EXPECT_TRUE(AwaitDatabases(
        [this](const std::string& all) { return absl::StrContains(all, database() + "|f\n"); }));
    cancel.Cancel();
  });
  const auto result = SwapIn({.cancel = &cancel}, connector(), SwapOf());
  user.join();
  EXPECT_EQ(ReasonOfRestore(result.status()), ArchiveReason::kCancelled) << result.status();
  EXPECT_EQ(State(), "now");
  EXPECT_EQ(Databases(), WithTheFreshOne());
  Unlock();
}

// The server cancels the swap's statement, as an administrator may.
TEST_F(LockedRestoreTest, ConnectionsAreAllowedAgainWhenTheSwapIsCancelled) {
  Lock();
  const pid_t child = fork();
  if (child == 0) _exit(Restore(connector()).ok() ? 0 : 1);
  EXPECT_TRUE(AwaitDatabases(
      [this](const std::string& all) { return absl::StrContains(all, database() + "|f\n"); }));
  Server("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'DO $davit%'");
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 1);
  EXPECT_EQ(State(), "now");
  EXPECT_EQ(Databases(), WithTheFreshOne());
  Unlock();
}

// What is left when the server itself dies in the swap.
TEST_F(RestoreTest, WhereTheServerDiedInTheSwapAnUndoOrTheNextLoadAllowsConnectionsAgain) {
  for (const bool undone : {true, false}) {
    Server(absl::StrCat("CREATE DATABASE ", undone ? Fresh() : RestoringName(database(), "old")));
    Server(absl::StrCat("ALTER DATABASE ", database(), " ALLOW_CONNECTIONS false"));
    EXPECT_THAT(State(), HasSubstr("not currently accepting connections"));
    ASSERT_TRUE((undone ? Repair() : Load(connector())).ok());
    EXPECT_EQ(State(), "now");
    EXPECT_EQ(Databases(), undone ? OnlyTheOldOne() : WithTheFreshOne());
  }
}

TEST_F(RestoreTest, ARepairAllowsConnectionsOnlyWhereARestoreWasBrokenOff) {
  EXPECT_FALSE(RepairBrokenOffRestore(connector(), database(), {}).value_or(true));
  Server(absl::StrCat("ALTER DATABASE ", database(), " ALLOW_CONNECTIONS false"));
  EXPECT_FALSE(RepairBrokenOffRestore(connector(), database(), {}).value_or(true));
  EXPECT_EQ(Databases(), database() + "|f\n");
  Server("CREATE DATABASE " + Fresh());
  {
    const auto restore = LockRestores(connector(), database(), absl::ZeroDuration(), {});
    ASSERT_TRUE(restore.ok()) << restore.status();
    EXPECT_FALSE(RepairBrokenOffRestore(connector(), database(), {}).value_or(true));
  }
  bool repaired = false;
  for (const Call call = Call().Within(absl::Seconds(30)); !repaired;) {
    repaired = RepairBrokenOffRestore(connector(), database(), {}).value_or(false);
    if (!call.Wait(absl::Milliseconds(10)).ok()) break;
  }
  EXPECT_TRUE(repaired);
  EXPECT_EQ(Databases(), WithTheFreshOne());
}

TEST_F(RestoreTest, WhatNoRestoreRefusedStaysRefused) {
  Server(absl::StrCat("ALTER DATABASE ", database(), " ALLOW_CONNECTIONS false"));
  ASSERT_TRUE(Repair().ok());
  EXPECT_FALSE(Load(connector()).ok());
  EXPECT_EQ(Databases(), database() + "|f\n");
}

}  // namespace
}  // namespace davit::database
