#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "controller/executor/executor_fixture.h"

// What an executor says of a deployment that is not made.
namespace davit::executor {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

TEST_F(ExecutorTest, PlansWithoutALockARecordOrAChange) {
  const auto plan = executor_->Plan(RequestFor("dev", "", {"a", "b"}).deployment(), Soon());
  ASSERT_TRUE(plan.ok()) << plan.status();
  std::vector<std::string> kinds;
  for (const v1::Step& step : plan->deployment().steps()) {
    kinds.push_back(step.kind());
    const bool survey = step.phase() == v1::SUBMIT;
    EXPECT_EQ(step.state(), survey ? v1::STEP_SUCCEEDED : v1::STEP_PENDING) << step.title();
  }
  EXPECT_THAT(kinds, Contains("start_container").Times(2));
  EXPECT_EQ(plan->deployment().state(), v1::PENDING);
  EXPECT_EQ(plan->deployment().releases(0).number(), 1);
  EXPECT_EQ(plan->deployment().releases(0).image_id(), "sha256:1234");

  EXPECT_EQ(Lock("dev"), std::nullopt);
  EXPECT_EQ(store_.commits(), 0);
  EXPECT_TRUE(workers_.AwaitAcknowledged(0));
  EXPECT_THAT(workers_.Runs("observe"), SizeIs(2));
  EXPECT_EQ(workers_.Runs("observe")[0].fence(), 0);
  EXPECT_EQ(workers_.Begun().size(), 3u) << "the survey and nothing else";
}

TEST_F(ExecutorTest, PlansWhileTheLockIsHeldAndKnowsTheLiveRelease) {
  const auto first = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(Await(first->id(), v1::SUCCEEDED), v1::SUCCEEDED);
  clock_.Advance(absl::Seconds(1));
  workers_.Hold("start_container");
  ASSERT_TRUE(executor_->Create(RequestFor("dev", "request-2")).ok());
  ASSERT_TRUE(workers_.AwaitHeld("start_container"));
  const auto plan = executor_->Plan(RequestFor("dev", "").deployment(), Soon());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->deployment().releases(0).replaces(), 1);
}

TEST_F(ExecutorTest, SaysWhyNoPlanCanBeMade) {
  workers_.Fail("resolve_image", v1::IMAGE_NOT_FOUND);
  const absl::Status status = executor_->Plan(RequestFor("dev", "").deployment(), Soon()).status();
  EXPECT_TRUE(IsFailure(status, v1::IMAGE_NOT_FOUND)) << status;
  const absl::Status unknown =
      executor_->Plan(RequestFor("dev", "", {"nowhere"}).deployment(), Soon()).status();
  EXPECT_TRUE(IsFailure(unknown, v1::HOST_UNKNOWN)) << unknown;
}

TEST_F(ExecutorTest, SaysWhichHostsDidNotAnswerAPlanInTimeAndLetsThemGo) {
  workers_.Hold("observe");
  const absl::Status status =
      executor_->Plan(RequestFor("dev", "", {"b"}).deployment(), absl::Now()).status();
  EXPECT_TRUE(IsFailure(status, v1::HOST_UNREACHABLE)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(" b."));
  EXPECT_THAT(workers_.Cancelled(), Contains(workers_.Runs("observe")[0].key().step_id()));
}

}  // namespace
}  // namespace davit::executor
