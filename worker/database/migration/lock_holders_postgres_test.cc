#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "worker/database/migration/lock_holders.h"
#include "worker/database/testing/session_fixture.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;

class LockHoldersPostgresTest : public SessionTest {};

TEST_F(LockHoldersPostgresTest, SeesWhoHoldsTheLockThatASessionWaitsFor) {
  Sql("CREATE TABLE customer (id int)");
  const auto holder = Open();
  ASSERT_TRUE(holder->Query("BEGIN; SELECT 'secret' FROM customer", Call()).ok());
  const auto waiter = Open();
  std::thread waiting(
      [&] { waiter->Query("ALTER TABLE customer ADD vat text", Call()).status().IgnoreError(); });
  const auto watcher = Open();
  std::vector<BlockedSession> blocked;
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while (blocked.empty() && absl::Now() < end) {
    blocked = ReadBlockedSessions(*watcher, Call()).value_or(std::vector<BlockedSession>());
  }
  ASSERT_TRUE(holder->Query("COMMIT", Call()).ok());
  waiting.join();
  ASSERT_EQ(blocked.size(), 1u);
  EXPECT_EQ(blocked[0].query, "ALTER TABLE customer ADD vat text");
  ASSERT_EQ(blocked[0].holders.size(), 1u);
  EXPECT_EQ(blocked[0].holders[0].pid, holder->backend_pid());
  EXPECT_THAT(blocked[0].holders[0].Sentence(), HasSubstr("AccessShareLock on public.customer"));
  EXPECT_THAT(blocked[0].holders[0].Sentence(), HasSubstr("SELECT ? FROM customer"));
  EXPECT_EQ(blocked[0].holders[0].state, "idle in transaction");
}

}  // namespace
}  // namespace davit::database
