#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/unique.h"
#include "worker/database/restore/restore_names.h"
#include "worker/steps/testing/database_steps_fixture.h"

namespace davit::steps {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class WaitDatabaseTest : public DatabaseStepsTest {};

TEST_F(WaitDatabaseTest, SaysWhatTheServerIs) {
  const auto outputs = Run(Wait(1));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(outputs->database().server_version(), StartsWith("15."));
  EXPECT_FALSE(outputs->database().pooler());
  EXPECT_GT(outputs->database().size_bytes(), 1'000'000);
  EXPECT_THAT(outputs->summary(), HasSubstr("PostgreSQL 15."));
  EXPECT_THAT(reporter_.told(), SizeIs(0));
}

TEST_F(WaitDatabaseTest, TellsEachFailedTryAndGoesOnOnceTheServerIsUp) {
  server().Stop();
  reporter_.OnProgress([](const v1::StepProgress& progress) {
    if (progress.done() == 3) {
      EXPECT_TRUE(server().StartAgain().ok());
    }
  });
  const auto outputs = Run(Wait(30));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(outputs->summary(), HasSubstr("after 3 failed tries"));
  ASSERT_THAT(reporter_.told(), SizeIs(3));
  EXPECT_THAT(reporter_.told().front().phase(), StartsWith("try 1 of 30: refused: "));
  EXPECT_THAT(reporter_.told().front().phase(), HasSubstr("Connection refused"));
}

TEST_F(WaitDatabaseTest, SaysWhyItGaveUpWithoutThePassword) {
  SetUrl(absl::StrCat("postgres://shop:hunter2@127.0.0.1:", test::FreePort(), "/shop"));
  const v1::Failure failure = Fail(Wait(4));
  EXPECT_THAT(failure, HasCode(v1::DATABASE_UNREACHABLE));
  EXPECT_THAT(failure.message(), HasSubstr("database main: nothing listens at"));
  EXPECT_THAT(failure, Shows("Connection refused"));
  EXPECT_THAT(failure, Shows("4 failed tries"));
  EXPECT_THAT(failure, Shows("URL: postgresql://shop@127.0.0.1"));
  EXPECT_THAT(reporter_.told(), SizeIs(4));
  EXPECT_THAT(absl::StrCat(failure.DebugString(), reporter_.Text()), Not(HasSubstr("hunter2")));
}

TEST_F(WaitDatabaseTest, SaysThatThePasswordIsWrongAndHowToSetTheSecret) {
  SetUrl(absl::StrCat("postgres://postgres:hunter2@127.0.0.1:", server().port(), "/postgres"));
  access_.mutable_url()->set_environment("dev");
  context_.secrets["dev/DATABASE_URL@1"] = context_.secrets["/DATABASE_URL@1"];
  const v1::Failure failure = Fail(Wait(2));
  EXPECT_THAT(failure, HasCode(v1::DATABASE_DENIED));
  EXPECT_THAT(failure, Shows("password authentication failed for user \"postgres\""));
  EXPECT_THAT(failure.next_command(), HasSubstr("`davit secrets set DATABASE_URL -e dev`"));
  EXPECT_THAT(failure.DebugString(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(reporter_.Text(), HasSubstr("try 1 of 2: authentication: "));
}

TEST_F(WaitDatabaseTest, SaysThatThereIsNoSuchDatabase) {
  SetUrl(server().Url("nowhere"));
  const v1::Failure failure = Fail(Wait(1));
  EXPECT_THAT(failure, HasCode(v1::DATABASE_DENIED));
  EXPECT_THAT(failure, Shows("database \"nowhere\" does not exist"));
}

class SwitchedOffTest : public WaitDatabaseTest {
 protected:
  void SetUp() override {
    WaitDatabaseTest::SetUp();
    Server(absl::StrCat("ALTER DATABASE ", database(), " ALLOW_CONNECTIONS false"));
  }
  static void Server(const std::string& sql) {
    const auto done = server().Sql("postgres", sql);
    EXPECT_TRUE(done.ok()) << done.status();
  }
};

TEST_F(SwitchedOffTest, SaysThatNobodyIsLetInAndHowTheyAreAgain) {
  const v1::Failure failure = Fail(Wait(1));
  EXPECT_THAT(failure, HasCode(v1::DATABASE_DENIED));
  EXPECT_THAT(failure, Shows("not currently accepting connections"));
  EXPECT_THAT(failure.next_command(), HasSubstr("ALLOW_CONNECTIONS true"));
  EXPECT_THAT(failure.DebugString(), Not(HasSubstr("pg_hba")));
}

TEST_F(SwitchedOffTest, MendsItWhereARestoreWasBrokenOff) {
  const std::string loaded = database::RestoringName(database(), kLoadingStep);
  Server("CREATE DATABASE " + loaded);
  const auto outputs = Run(Wait(1));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(outputs->summary(), HasSubstr("connections were allowed again"));
  Server("DROP DATABASE " + loaded);
}

TEST_F(WaitDatabaseTest, RefusesAMigrationWhereSessionsMayOnlyRead) {
  Sql(absl::StrCat("ALTER DATABASE ", database(), " SET default_transaction_read_only TO on"));
  const v1::Failure failure = Fail(WaitForChanges(2));
  EXPECT_THAT(failure, HasCode(v1::DATABASE_DENIED));
  EXPECT_THAT(failure.message(), HasSubstr("lets user \"postgres\" only read"));
  EXPECT_THAT(failure, Shows("default_transaction_read_only is on"));
  EXPECT_THAT(failure, Shows("2 failed tries"));
  EXPECT_THAT(reporter_.Text(), HasSubstr("try 1 of 2: read-only: "));
}

TEST_F(WaitDatabaseTest, LetsADeploymentThatMigratesNothingOnlyRead) {
  Sql(absl::StrCat("ALTER DATABASE ", database(), " SET default_transaction_read_only TO on"));
  const auto outputs = Run(Wait(1));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(outputs->summary(), HasSubstr("read-only"));
}

// The server is started again as a standby, and is none any more at the end.
class StandbyTest : public WaitDatabaseTest {
 protected:
  void SetUp() override {
    WaitDatabaseTest::SetUp();
    Sql(absl::StrCat("COPY (SELECT '') TO '", server().data_directory(), "/standby.signal'"));
    server().Stop();
    ASSERT_TRUE(server().Launch().ok());
    while (!server().Sql(database(), "SELECT 1").ok() &&
           context_.call.Wait(absl::Milliseconds(20)).ok()) {
    }
  }
  void TearDown() override {
    Promote();
    WaitDatabaseTest::TearDown();
  }
  // Returns once it is done. Nothing where it is one no more.
  void Promote() const { Sql("SELECT pg_promote() WHERE pg_is_in_recovery()"); }
};

TEST_F(StandbyTest, RefusesAMigrationWhileNothingWasTouched) {
  const v1::Failure failure = Fail(WaitForChanges(2));
  EXPECT_THAT(failure, HasCode(v1::DATABASE_DENIED));
  EXPECT_THAT(failure.message(), HasSubstr("is a standby, which takes no changes"));
  EXPECT_THAT(failure, Shows("pg_is_in_recovery() is true"));
  EXPECT_THAT(failure.next_command(), HasSubstr("target_session_attrs=read-write"));
  EXPECT_THAT(reporter_.Text(), HasSubstr("try 1 of 2: standby: "));
}

TEST_F(StandbyTest, WaitsForItsPromotion) {
  reporter_.OnProgress([this](const v1::StepProgress& progress) {
    if (progress.done() == 2) Promote();
  });
  const auto outputs = Run(WaitForChanges(30));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(outputs->summary(), HasSubstr("after 2 failed tries"));
}

TEST_F(WaitDatabaseTest, SaysThatAPoolerIsBetween) {
  const Pooler pooler(server(), "transaction");
  SetUrl(pooler.Url(database()));
  const auto outputs = Run(Wait(1));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_TRUE(outputs->database().pooler());
}

TEST_F(WaitDatabaseTest, SaysThatTheSecretHasNoUrlWithoutAWordOfIt) {
  SetUrl("hunter2");
  const v1::Failure failure = Fail(Wait(1));
  EXPECT_THAT(failure, HasCode(v1::DATABASE_URL_INVALID));
  EXPECT_THAT(failure.next_command(), HasSubstr("davit secrets set DATABASE_URL"));
  EXPECT_THAT(failure.DebugString(), Not(HasSubstr("hunter2")));
}

TEST_F(WaitDatabaseTest, SaysThatAnotherEngineIsNotWaitedFor) {
  SetUrl("mysql://shop:hunter2@db/shop");
  const v1::Failure failure = Fail(Wait(1));
  EXPECT_THAT(failure, HasCode(v1::DATABASE_URL_INVALID));
  EXPECT_THAT(failure.message(), HasSubstr("MySQL"));
}

TEST_F(WaitDatabaseTest, LocalhostIsTheContainerItselfUnlessItHasTheHostsNetwork) {
  access_.clear_networks();
  const v1::Failure failure = Fail(Wait(1));
  EXPECT_THAT(failure, HasCode(v1::DATABASE_UNREACHABLE));
  EXPECT_THAT(failure, Shows("within a container, that container itself"));
}

TEST_F(WaitDatabaseTest, NamesMeanWhatTheyMeanInTheContainers) {
  access_.clear_networks();
  access_.add_extra_hosts("database:127.0.0.1");
  SetUrl(absl::StrReplaceAll(url(), {{"127.0.0.1", "database"}}));
  EXPECT_TRUE(Run(Wait(1)).ok());
}

TEST_F(WaitDatabaseTest, FindsTheSocketBehindTheContainersMount) {
  worker::v1::Mount& mount = *access_.add_mounts();
  mount.set_source(server().socket_directory());
  mount.set_target("/run/postgresql");
  SetUrl(absl::StrReplaceAll(server().SocketUrl(database()),
                             {{server().socket_directory(), "/run/postgresql"}}));
  EXPECT_TRUE(Run(Wait(1)).ok());
}

TEST_F(WaitDatabaseTest, SaysWhatTheTriesSaidWhenTheTimeIsUpBeforeThem) {
  SetUrl(absl::StrCat("postgres://shop@127.0.0.1:", test::FreePort(), "/shop"));
  worker::v1::StepSpec wait = Wait(10000);
  wait.mutable_wait_database()->mutable_interval()->set_seconds(3600);
  reporter_.OnProgress(
      [this](const v1::StepProgress&) { context_.call.deadline = absl::InfinitePast(); });
  const v1::Failure failure = Fail(wait);
  EXPECT_THAT(failure, HasCode(v1::DATABASE_UNREACHABLE));
  EXPECT_THAT(failure, Shows("Connection refused"));
}

TEST_F(WaitDatabaseTest, EndsWhenItIsCancelled) {
  SetUrl(absl::StrCat("postgres://shop@127.0.0.1:", test::FreePort(), "/shop"));
  CancelToken token;
  context_.call.cancel = &token;
  reporter_.OnProgress([&token](const v1::StepProgress&) { token.Cancel(); });
  EXPECT_TRUE(absl::IsCancelled(Run(Wait(10000)).status()));
  EXPECT_THAT(reporter_.told(), SizeIs(1));
}

}  // namespace
}  // namespace davit::steps
