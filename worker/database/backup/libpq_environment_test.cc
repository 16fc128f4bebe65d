#include "worker/database/backup/libpq_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace davit::database {
namespace {

using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

LibpqEnvironment EnvironmentFor(absl::string_view text) {
  return LibpqEnvironmentOf(*ParseDatabaseUrl(text));
}

TEST(LibpqEnvironment, HasWhatTheUrlSays) {
  const LibpqEnvironment environment =
      EnvironmentFor("postgres://shop:hun%2Fter2@db:6543/main?sslmode=require");
  EXPECT_THAT(environment, Contains(Pair("PGHOST", "db")));
  EXPECT_THAT(environment, Contains(Pair("PGPORT", "6543")));
  EXPECT_THAT(environment, Contains(Pair("PGUSER", "shop")));
  EXPECT_THAT(environment, Contains(Pair("PGPASSWORD", "hun/ter2")));
  EXPECT_THAT(environment, Contains(Pair("PGDATABASE", "main")));
  EXPECT_THAT(environment, Contains(Pair("PGSSLMODE", "require")));
  EXPECT_THAT(environment, Not(Contains(Key("PGHOSTADDR"))));
}

TEST(LibpqEnvironment, DialsTheAddressesThatAreKnownAndLooksTheOthersUp) {
  DatabaseUrl url = *ParseDatabaseUrl("postgres://a,b/shop");
  url.hosts.back().address = "10.0.0.7";
  EXPECT_THAT(LibpqEnvironmentOf(url), Contains(Pair("PGHOSTADDR", ",10.0.0.7")));
}

TEST(LibpqEnvironment, IsPatientWithSettingsThatTheServerKnowsAndAfterTheUrlsOwn) {
  const DatabaseUrl url = *ParseDatabaseUrl("postgres://db/shop?options=-c%20lock_timeout%3D5");
  ServerInfo server{.major_version = 13};
  const std::string old = PatientEnvironmentOf(url, server)["PGOPTIONS"];
  EXPECT_THAT(old, StartsWith("-c lock_timeout=5 -c statement_timeout=0 -c lock_timeout=0"));
  EXPECT_THAT(old, Not(HasSubstr("idle_session_timeout")));
  server.major_version = 17;
  EXPECT_THAT(PatientEnvironmentOf(url, server)["PGOPTIONS"],
              EndsWith("-c idle_session_timeout=0 -c transaction_timeout=0"));
  server.pooler = true;
  EXPECT_EQ(PatientEnvironmentOf(url, server)["PGOPTIONS"], "-c lock_timeout=5");
}

TEST(LibpqEnvironment, TakesNoPasswordFromAFileOfTheWorkersUser) {
  EXPECT_THAT(EnvironmentFor("postgres://db/shop"), Contains(Pair("PGPASSFILE", "/nonexistent")));
  EXPECT_THAT(EnvironmentFor("postgres://db/shop?passfile=/etc/shop.pgpass"),
              Contains(Pair("PGPASSFILE", "/etc/shop.pgpass")));
}

TEST(LibpqEnvironment, OfTheWorkerItselfIsForgotten) {
  constexpr const char* kOwn[] = {"PGPASSWORD", "PGSSLMODE",     "PGSERVICE", "PGOPTIONS",
                                  "PGHOSTADDR", "PGSERVICEFILE", "PGTZ"};
  for (const char* const name : kOwn) setenv(name, "nowhere", /*overwrite=*/1);
  setenv("PGLETTER", "stays", /*overwrite=*/1);
  ForgetLibpqVariables();
  for (const char* const name : kOwn) EXPECT_EQ(std::getenv(name), nullptr) << name;
  EXPECT_STREQ(std::getenv("PGLETTER"), "stays");
}

}  // namespace
}  // namespace davit::database
