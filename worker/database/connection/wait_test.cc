#include "worker/database/connection/wait.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/support/fake_clock.h"

namespace davit::database {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// A session whose queries get one answer.
class FakeSession final : public Connection {
 public:
  explicit FakeSession(absl::Status answer) : answer_(std::move(answer)) {}
  absl::StatusOr<QueryResult> Query(absl::string_view, const std::vector<std::string>&,
                                    const Call&) override {
    if (!answer_.ok()) return answer_;
    return QueryResult();
  }
  int server_version() const override { return 150000; }
  int backend_pid() const override { return 1; }

 private:
  const absl::Status answer_;
};

absl::Status Refusal(ConnectReason reason) { return ConnectStatus(reason, "its own words"); }

class WaitTest : public ::testing::Test {
 protected:
  // Each try meets the next of `tries`, the last one for ever.
  absl::Status Wait(std::vector<absl::Status> tries, const Call& call = {}) {
    const auto connect = [this, tries](const Call&) -> absl::StatusOr<std::unique_ptr<Connection>> {
      const absl::Status met = tries[std::min(tried_++, tries.size() - 1)];
      if (!met.ok()) return met;
      return std::make_unique<FakeSession>(answer_);
    };
    const auto pause = [this](absl::Duration interval, const Call& c) {
      clock_.Advance(interval);
      return c.Check();
    };
    return WaitForDatabase(
               url_, {}, call, [this](const FailedAttempt& failed) { Report(failed); }, connect,
               pause)
        .status();
  }

  void Report(const FailedAttempt& failed) {
    failed_.push_back(failed);
    if (failed.number == cancel_at_) cancel_.Cancel();
  }

  DatabaseUrl url_ = *ParseDatabaseUrl("postgres://ada:hidden@db/shop");
  absl::Status answer_;
  test::FakeClock clock_;
  const absl::Time start_ = clock_.Now();
  size_t tried_ = 0;
  int cancel_at_ = 0;
  CancelToken cancel_;
  std::vector<FailedAttempt> failed_;
};

TEST_F(WaitTest, ReportsNothingWhereTheDatabaseIsThere) {
  EXPECT_TRUE(Wait({absl::OkStatus()}).ok());
  EXPECT_THAT(failed_, SizeIs(0));
  EXPECT_EQ(clock_.Now(), start_);
}

TEST_F(WaitTest, ReportsEachFailedTryWithItsReason) {
  EXPECT_TRUE(Wait({Refusal(ConnectReason::kNameNotFound), Refusal(ConnectReason::kRefused),
                    Refusal(ConnectReason::kStartingUp), absl::OkStatus()})
                  .ok());
  ASSERT_THAT(failed_, SizeIs(3));
  EXPECT_EQ(failed_[1].number, 2);
  EXPECT_EQ(failed_[1].attempts, 30);
  EXPECT_FALSE(failed_[1].last);
  EXPECT_EQ(failed_[1].problem.reason, ConnectReason::kRefused);
  EXPECT_EQ(failed_[2].problem.sentence, "the database server db:5432 is starting up");
  EXPECT_EQ(failed_[2].problem.evidence, "its own words");
  EXPECT_EQ(clock_.Now() - start_, absl::Seconds(3));
}

TEST_F(WaitTest, TriesThirtyTimesASecondApart) {
  const absl::Status end = Wait({Refusal(ConnectReason::kRefused)});
  EXPECT_EQ(ReasonOf(end), ConnectReason::kRefused);
  EXPECT_EQ(tried_, 30);
  ASSERT_THAT(failed_, SizeIs(30));
  EXPECT_TRUE(failed_.back().last);
  EXPECT_EQ(clock_.Now() - start_, absl::Seconds(29));
}

TEST_F(WaitTest, GoesOnWhereTheServerMayStillCreateUserAndDatabase) {
  EXPECT_TRUE(Wait({Refusal(ConnectReason::kAuthentication),
                    Refusal(ConnectReason::kNoSuchDatabase), absl::OkStatus()})
                  .ok());
  EXPECT_THAT(failed_, SizeIs(2));
}

TEST_F(WaitTest, EndsAtOnceWhereWaitingMendsNothing) {
  EXPECT_EQ(ReasonOf(Wait({Refusal(ConnectReason::kTls)})), ConnectReason::kTls);
  ASSERT_THAT(failed_, SizeIs(1));
  EXPECT_TRUE(failed_[0].last);
}

TEST_F(WaitTest, TakesASessionThatAnswersNoQueryForNone) {
  answer_ = WithSqlState(absl::InternalError("FATAL:  server login has been failing"), "08P01");
  EXPECT_EQ(ReasonOf(Wait({absl::OkStatus()})), ConnectReason::kStartingUp);
  EXPECT_EQ(tried_, 30);
}

TEST_F(WaitTest, EndsWithTheCancellation) {
  cancel_at_ = 2;
  const absl::Status end = Wait({Refusal(ConnectReason::kRefused)}, {.cancel = &cancel_});
  EXPECT_EQ(end.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(tried_, 2);
}

TEST_F(WaitTest, EndsWithTheDeadline) {
  const absl::Status end =
      Wait({Refusal(ConnectReason::kRefused)}, {.deadline = absl::InfinitePast()});
  EXPECT_EQ(end.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(failed_, SizeIs(0));
}

}  // namespace
}  // namespace davit::database
