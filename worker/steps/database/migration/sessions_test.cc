// What a migration's container leaves behind on the server when it is ended.
#include "worker/steps/database/migration/sessions.h"

#include "absl/time/clock.h"
#include "worker/database/connection/direct_session.h"
#include "worker/steps/database/migration/migrate_fixture.h"
#include "worker/steps/failed_outputs.h"
#include "worker/steps/testing/database_steps_fixture.h"

namespace davit::steps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kSleepAndChange[] = "SELECT pg_sleep(1000); CREATE TABLE never (id int)";

class MigrationSessions : public MigrateTest {
 protected:
  // Kills the container when its session is at a statement.
  absl::StatusOr<worker::v1::StepOutputs> RunAndKill(const std::string& script) {
    return KillAtStatement(Migrate(absl::StrCat("echo begins\n", script)), "step");
  }
  absl::StatusOr<worker::v1::StepOutputs> KillAtStatement(const worker::v1::StepSpec& spec,
                                                          const std::string& step) {
    return RunWhile(spec, MigrateContext(step), [&] {
      EXPECT_TRUE(WaitForStatement("pg_sleep(1000)"));
      EXPECT_TRUE(engine_.KillContainer(ContainerOf(step), test::TestCall()).ok());
    });
  }
  static std::unique_ptr<database::Connection> Over(const std::string& url) {
    return *database::Connect(*database::ParseDatabaseUrl(url), {}, test::TestCall());
  }
  std::string AtIt() const {
    return Sql(
        "SELECT pid, state, application_name, query FROM pg_stat_activity WHERE query LIKE "
        "'%pg_sleep(1000)%' AND "
        "pid <> pg_backend_pid()");
  }
};

TEST_F(MigrationSessions, EndWithTheirContainerWhateverTheUrlCallsThem) {
  url_ += "?application_name=shop-web";
  const auto before = Open();
  ASSERT_TRUE(
      before->Query("SET application_name = 'shop-web'; BEGIN; SELECT 1", test::TestCall()).ok());
  const auto result = RunAndKill(absl::StrCat("psql -c '", kSleepAndChange, "'"));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(AtIt(), "") << "the server does not go on with it";
  EXPECT_EQ(OutputsOf(result.status())->migration().meaning(), v1::SCHEMA_UNCHANGED);
  EXPECT_TRUE(before->Query("COMMIT", test::TestCall()).ok()) << "another's session goes on";
}

TEST_F(MigrationSessions, EndWithTheirContainerWhateverTheCommandCallsThem) {
  const auto result = RunAndKill(absl::StrCat("PGAPPNAME=mine psql -c '", kSleepAndChange, "'"));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(AtIt(), "");
  EXPECT_EQ(OutputsOf(result.status())->migration().meaning(), v1::SCHEMA_UNCHANGED);
}

TEST_F(MigrationSessions, AreToldWhereTheyCannotBeToldFromThoseOfOthers) {
  const MigrationClient client = {.name = "none",
                                  .addresses = {},
                                  .started = absl::Now(),
                                  .ended = absl::Now() + absl::Hours(1)};
  const auto session = Open();
  ASSERT_TRUE(session->Query("BEGIN; SELECT 1", test::TestCall()).ok());
  const auto looks = Open();
  const auto doubtful = DoubtfulSessions(*looks, client, test::TestCall().Within(absl::Seconds(1)));
  ASSERT_TRUE(doubtful.ok()) << doubtful.status();
  EXPECT_THAT(*doubtful, ElementsAre(HasSubstr(absl::StrCat("SELECT pg_terminate_backend(",
                                                            session->backend_pid(), ")"))));
  ASSERT_TRUE(session->Query("COMMIT", test::TestCall()).ok());
  EXPECT_THAT(*DoubtfulSessions(*looks, client, test::TestCall()), IsEmpty());
}

// Its container has the host's network.
TEST_F(MigrationSessions, ThatMayGoOnKeepTheTurnUntilTheyHaveEnded) {
  url_ = absl::StrCat(server().Url(database()), "?application_name=shop-web");
  const auto on_host = [this](const std::string& script) {
    worker::v1::StepSpec step = Migrate(script);
    worker::v1::MigrateDatabase& migrate = *step.mutable_migrate_database();
    migrate.mutable_database()->add_networks("host");
    migrate.mutable_run()->mutable_container()->clear_extra_hosts();
    migrate.mutable_run()->mutable_container()->add_networks("host");
    return step;
  };
  const auto ended = KillAtStatement(
      on_host(absl::StrCat("echo begins\npsql -c '", kSleepAndChange, "'")), "late");
  ASSERT_FALSE(ended.ok());
  const v1::Failure late = FailureOf(ended.status());
  const std::string pid =
      Sql("SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(1000)%'");
  EXPECT_THAT(late, Shows(absl::StrCat("SELECT pg_terminate_backend(", pid, ") ends it")));
  EXPECT_EQ(OutputsOf(ended.status())->migration().meaning(), v1::SCHEMA_UNKNOWN);
  EXPECT_EQ(Ledger(), "running");
  worker::v1::StepSpec next = on_host("true");
  next.mutable_migrate_database()->mutable_run()->mutable_timeout()->set_seconds(4);
  const v1::Failure held = Fail(next, "next");
  EXPECT_THAT(held, HasCode(v1::MIGRATION_HELD));
  EXPECT_THAT(held, Shows(absl::StrCat("SELECT pg_terminate_backend(", pid, ") ends it")));
  Sql(absl::StrCat("SELECT pg_terminate_backend(", pid, ", 10000)"));
  const auto after = Run(on_host("true"), "after");
  EXPECT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(Ledger(), "superseded\nfinished");
}

TEST_F(MigrationSessions, ThatWereThereBeforeAreNotDoubtful) {
  const auto session = Open();
  ASSERT_TRUE(session->Query("BEGIN; SELECT pg_sleep(1)", test::TestCall()).ok());
  const MigrationClient client = {
      .name = "none", .addresses = {}, .started = absl::Now(), .ended = absl::Now()};
  EXPECT_THAT(*DoubtfulSessions(*Open(), client, test::TestCall()), IsEmpty());
  EXPECT_TRUE(EndSessions(*Open(), client, test::TestCall()).ok());
  EXPECT_TRUE(session->Query("COMMIT", test::TestCall()).ok());
}

TEST_F(MigrationSessions, AreKnownByAddressesWhereNobodyElseCanHaveThem) {
  const auto local = Over(server().Url(database()));
  EXPECT_THAT(
      *database::UnmistakableAddresses(*local, {"127.0.0.9", "203.0.113.5"}, test::TestCall()),
      ElementsAre("127.0.0.9"));
  EXPECT_THAT(*database::UnmistakableAddresses(*Open(), {"127.0.0.9"}, test::TestCall()), IsEmpty())
      << "over a socket";
}

TEST_F(MigrationSessions, AreDirectWhereNothingIsBetween) {
  EXPECT_TRUE(*database::IsDirect(*Over(server().Url(database())), test::TestCall()));
  EXPECT_FALSE(*database::IsDirect(*Open(), test::TestCall())) << "nothing tells over a socket";
  for (const char* const mode : {"session", "transaction"}) {
    const Pooler pooler(server(), mode);
    EXPECT_FALSE(*database::IsDirect(*Over(pooler.Url(database())), test::TestCall())) << mode;
  }
}

}  // namespace
}  // namespace davit::steps
