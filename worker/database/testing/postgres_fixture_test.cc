#include "worker/database/testing/postgres_fixture.h"

namespace davit::database {
namespace {

TEST_F(PostgresTest, GivesEachTestADatabaseOfItsOwn) {
  EXPECT_EQ(Sql("SELECT current_database()"), database());
  EXPECT_EQ(Sql("SELECT count(*), 'x' FROM pg_class WHERE relname = 'mine'"), "0|x");
}

TEST_F(PostgresTest, KeepsDataOverARestartOfTheServer) {
  const auto server = PostgresServer::Start({"max_connections = 7"});
  ASSERT_TRUE(server.ok()) << server.status();
  ASSERT_TRUE((*server)->Sql("postgres", "CREATE TABLE kept (id int)").ok());
  (*server)->Stop();
  EXPECT_FALSE((*server)->Sql("postgres", "SELECT 1").ok());
  ASSERT_TRUE((*server)->StartAgain().ok());
  const auto said = (*server)->Sql("postgres", "SELECT 1 FROM kept; SHOW max_connections");
  EXPECT_EQ(said.value_or("none"), "7\n");
}

}  // namespace
}  // namespace davit::database
