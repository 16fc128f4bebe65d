#include "worker/service/step_table.h"

#include <gtest/gtest.h>

#include <system_error>

#include "common/steady_time.h"
#include "worker/service/outcome.h"
#include "worker/service/service_fixture.h"

namespace davit::service {
namespace {

class StepTableTest : public ServiceTest {
 protected:
  void SetUp() override {
    auto journal = Journal::Open(directory_ / "journal.db");
    ASSERT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
  }
  static bool Waits() { return false; }

  const steps::Runners runners_ =
      RunnersFor([](const auto&, const auto&, auto&) { return Done(); });
  std::unique_ptr<Journal> journal_;
};

std::thread NoMoreThreads(std::function<void()> /*body*/) {
  throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
}

TEST_F(StepTableTest, RefusesAStepThatItHasNoThreadFor) {
  {
    StepTable table(journal_.get(), &runners_, NoMoreThreads);
    const auto refused = table.Run(PullRequest("s-01"), Waits);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted) << refused.status();
    EXPECT_EQ(table.running(), 0);
    EXPECT_TRUE(table.List("").empty());
  }
  EXPECT_TRUE(journal_->Unacknowledged("")->empty()) << "it was never begun";
  StepTable table(journal_.get(), &runners_);
  const auto begun = table.Run(PullRequest("s-01"), Waits);
  ASSERT_TRUE(begun.ok()) << begun.status();
  EXPECT_FALSE(begun->attached);
}

TEST_F(StepTableTest, DoesNotGoOnWithoutThreads) {
  const worker::v1::RunStepRequest request = PullRequest("s-01");
  ASSERT_TRUE(
      journal_->WriteIntent({request.key(), 1, request.spec(), absl::Minutes(1), absl::Now()})
          .ok());
  StepTable table(journal_.get(), &runners_, NoMoreThreads);
  EXPECT_EQ(table.Resume().code(), absl::StatusCode::kResourceExhausted);
}

Intent IntentAt(absl::Time time) { return {{}, 1, {}, absl::Hours(1), time}; }

TEST(RunningStep, HasItsTimeWhateverTheTimeOfDayBecomes) {
  for (const absl::Duration jump : {-absl::Hours(48), absl::Hours(48)}) {
    const RunningStep step(IntentAt(absl::Now() + jump), absl::Hours(1));
    EXPECT_TRUE(step.call().Check().ok());
    EXPECT_GT(step.call().Remaining(), absl::Minutes(59));
    EXPECT_LE(step.call().Remaining(), absl::Hours(1));
    EXPECT_FALSE(step.limits().timed_out);
  }
  const RunningStep late(IntentAt(absl::Now()), absl::ZeroDuration());
  EXPECT_TRUE(absl::IsDeadlineExceeded(late.call().Check()));
  EXPECT_TRUE(late.limits().timed_out);
}

TEST(TimeLeft, CountsFromTheIntentAfterARestart) {
  const absl::Time begin = absl::FromUnixSeconds(1'700'000'000);
  EXPECT_EQ(TimeLeft(IntentAt(begin), begin + absl::Minutes(20)), absl::Minutes(40));
  EXPECT_EQ(TimeLeft(IntentAt(begin), begin + absl::Hours(3)), -absl::Hours(2));
  EXPECT_EQ(TimeLeft(IntentAt(begin), begin - absl::Hours(3)), absl::Hours(1))
      << "the time of day was set back";
}

}  // namespace
}  // namespace davit::service
