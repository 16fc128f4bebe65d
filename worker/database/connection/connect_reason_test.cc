#include "worker/database/connection/connect_reason.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/database/connection/connection.h"
#include "worker/database/connection/session_start.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr ConnectReason kEvery[] = {ConnectReason::kOther,
                                    ConnectReason::kRefused,
                                    ConnectReason::kNameNotFound,
                                    ConnectReason::kUnreachable,
                                    ConnectReason::kAuthentication,
                                    ConnectReason::kNotAllowed,
                                    ConnectReason::kNoSuchDatabase,
                                    ConnectReason::kTooManyClients,
                                    ConnectReason::kStartingUp,
                                    ConnectReason::kShuttingDown,
                                    ConnectReason::kTls,
                                    ConnectReason::kTimeout,
                                    ConnectReason::kClosed,
                                    ConnectReason::kSwitchedOff,
                                    ConnectReason::kStandby,
                                    ConnectReason::kReadOnly};

TEST(ConnectReason, GoesByTheStateOfAServerOfAnyLanguage) {
  EXPECT_EQ(ReasonFor("28P01", "Passwort-Authentifizierung fehlgeschlagen"),
            ConnectReason::kAuthentication);
  EXPECT_EQ(ReasonFor("3D000", "Datenbank »shop« existiert nicht"), ConnectReason::kNoSuchDatabase);
  EXPECT_EQ(ReasonFor("53300", "zu viele Verbindungen"), ConnectReason::kTooManyClients);
}

TEST(ConnectReason, TellsTheStartFromTheEndByWords) {
  EXPECT_EQ(ReasonFor("57P03", "FATAL: the database system is starting up"),
            ConnectReason::kStartingUp);
  EXPECT_EQ(ReasonFor("57P03", "FATAL: the database system is shutting down"),
            ConnectReason::kShuttingDown);
}

TEST(ConnectReason, GoesByLibpqsWordsWhereNoServerSpoke) {
  EXPECT_EQ(ReasonFor("",
                      "connection to server at \"10.0.0.1\", port 5432 failed: No route to "
                      "host"),
            ConnectReason::kUnreachable);
  EXPECT_EQ(ReasonFor("", "SSL error: certificate verify failed"), ConnectReason::kTls);
  EXPECT_EQ(ReasonFor("", "server closed the connection unexpectedly"), ConnectReason::kClosed);
  EXPECT_EQ(ReasonFor("", "fe_sendauth: no password supplied"), ConnectReason::kAuthentication);
  EXPECT_EQ(ReasonFor("", "connection to server at \"db\", port 5432 failed: session is read-only"),
            ConnectReason::kReadOnly);
  EXPECT_EQ(ReasonFor("", "something new"), ConnectReason::kOther);
}

TEST(ConnectReason, UnderstandsPgbouncer) {
  EXPECT_EQ(ReasonFor("08P01", "FATAL:  no such database: shop"), ConnectReason::kNoSuchDatabase);
  EXPECT_EQ(ReasonFor("08P01", "FATAL:  no more connections allowed (max_client_conn)"),
            ConnectReason::kTooManyClients);
}

TEST(ConnectReason, TravelsInAStatus) {
  for (const ConnectReason reason : kEvery) {
    const absl::Status status = ConnectStatus(reason, "words", "28P01");
    EXPECT_EQ(ReasonOf(status), reason);
    EXPECT_EQ(SqlState(status), "28P01");
    EXPECT_FALSE(status.ok());
  }
  EXPECT_EQ(ReasonOf(absl::InternalError("other")), ConnectReason::kOther);
}

TEST(ConnectReason, IsExplainedWithNamesAndWithoutThePassword) {
  const DatabaseUrl url = *ParseDatabaseUrl("postgres://ada:hidden@db:6543/shop");
  for (const ConnectReason reason : kEvery) {
    const ConnectProblem problem = Explain(ConnectStatus(reason, "its words"), url);
    EXPECT_THAT(problem.sentence, HasSubstr("db:6543")) << ReasonText(reason);
    EXPECT_THAT(problem.sentence, Not(HasSubstr("$")));
    EXPECT_EQ(problem.evidence, "its words");
    EXPECT_THAT(problem.what_to_do, Not(IsEmpty()));
    for (const std::string& text : {problem.sentence, problem.likely_cause, problem.what_to_do}) {
      EXPECT_THAT(text, Not(HasSubstr("hidden")));
    }
  }
}

TEST(ConnectReason, NamesTlsAsTheCauseWhereTheServerAsksForIt) {
  const DatabaseUrl url = *ParseDatabaseUrl("postgres://ada@db/shop");
  const absl::Status status = ConnectStatus(
      ConnectReason::kNotAllowed,
      "FATAL: no pg_hba.conf entry for host \"1.2.3.4\", user \"ada\", database \"shop\", no "
      "encryption",
      "28000");
  EXPECT_THAT(Explain(status, url).likely_cause, HasSubstr("sslmode=require"));
}

TEST(ConnectReason, SaysHowADatabaseThatWasSwitchedOffIsOpenedAgain) {
  const DatabaseUrl url = *ParseDatabaseUrl("postgres://ada@db/shop");
  const std::string words = "FATAL: database \"shop\" is not currently accepting connections";
  const ConnectProblem problem =
      Explain(ConnectStatus(ReasonFor("55000", words), words, "55000"), url);
  EXPECT_EQ(problem.reason, ConnectReason::kSwitchedOff);
  EXPECT_THAT(problem.what_to_do, HasSubstr("ALTER DATABASE \"shop\" ALLOW_CONNECTIONS true"));
  EXPECT_THAT(problem.what_to_do, Not(HasSubstr("pg_hba")));
}

TEST(ConnectReason, DoesNotOpenADatabaseAgainThatIsHalfDropped) {
  const DatabaseUrl url = *ParseDatabaseUrl("postgres://ada@db/shop");
  const ConnectProblem problem =
      Explain(ConnectStatus(ConnectReason::kSwitchedOff,
                            "FATAL: cannot connect to invalid database \"shop\"", "55000"),
              url);
  EXPECT_THAT(problem.likely_cause, HasSubstr("DROP DATABASE"));
  EXPECT_THAT(problem.what_to_do, Not(HasSubstr("ALLOW_CONNECTIONS")));
}

TEST(ServerWords, AreFreeOfStateAndPlaceInTheSource) {
  const ServerWords words = ReadServerWords(
      "connection to server at \"127.0.0.1\", port 20001 failed: FATAL:  28P01: password "
      "authentication failed for user \"ada\"\nLOCATION:  auth_failed, auth.c:326\n");
  EXPECT_EQ(words.sqlstate, "28P01");
  EXPECT_EQ(words.text,
            "connection to server at \"127.0.0.1\", port 20001 failed: FATAL: password "
            "authentication failed for user \"ada\"");
}

TEST(ServerWords, AreLeftAsTheyAreWhereNoServerSpoke) {
  const ServerWords words = ReadServerWords(
      "connection to server at \"::1\", port 12345 failed: Connection refused\n\tIs the server "
      "running on that host and accepting TCP/IP connections?\n");
  EXPECT_EQ(words.sqlstate, "");
  EXPECT_EQ(words.text,
            "connection to server at \"::1\", port 12345 failed: Connection refused\nIs the "
            "server running on that host and accepting TCP/IP connections?");
}

}  // namespace
}  // namespace davit::database
