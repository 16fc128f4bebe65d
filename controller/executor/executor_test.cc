#include <algorithm>
#include <atomic>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/executor/executor_fixture.h"

// What an executor does with deployments that go their way.
namespace davit::executor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(ExecutorTest, CarriesADeploymentToItsEnd) {
  const auto created = executor_->Create(RequestFor("dev", "request-1", {"a", "b"}));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->state(), v1::PENDING);
  EXPECT_EQ(Await(created->id(), v1::SUCCEEDED), v1::SUCCEEDED);

  const auto events = Events(created->id());
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].sequence(), static_cast<int64_t>(i) + 1);
  }
  for (const auto& [step, times] : workers_.Begun()) EXPECT_EQ(times, 1) << step;
  EXPECT_TRUE(workers_.AwaitAcknowledged(State(created->id()).steps.size()));
  EXPECT_EQ(Lock("dev")->deployment_id(), "");
  EXPECT_EQ(Lock("dev")->fence(), 1);
}

TEST_F(ExecutorTest, TellsAWorkerWhatItMustKnow) {
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_EQ(Await(created->id(), v1::SUCCEEDED), v1::SUCCEEDED);
  const auto starts = workers_.Runs("start_container");
  ASSERT_THAT(starts, SizeIs(1));
  EXPECT_EQ(starts[0].key().deployment_id(), created->id());
  EXPECT_EQ(starts[0].key().project(), "shop");
  EXPECT_EQ(starts[0].key().environment(), "dev");
  EXPECT_EQ(starts[0].key().attempt(), 1);
  EXPECT_THAT(starts[0].key().cluster_id(), SizeIs(32));
  EXPECT_EQ(starts[0].fence(), 1);
  EXPECT_EQ(starts[0].journal_id(), "journal");
  EXPECT_GT(starts[0].timeout().seconds(), 0);
  EXPECT_EQ(workers_.Runs("observe")[0].journal_id(), "");
}

TEST_F(ExecutorTest, CommitsAStepAsStartedBeforeTheWorkerHearsOfIt) {
  std::atomic<int> seen = 0;
  workers_.OnRun([&](const worker::v1::RunStepRequest& request) {
    const core::DeploymentState state = State(request.key().deployment_id());
    const auto step = std::find_if(state.steps.begin(), state.steps.end(), [&](const auto& record) {
      return record.view().id() == request.key().step_id();
    });
    ASSERT_NE(step, state.steps.end());
    EXPECT_NE(step->view().state(), v1::STEP_PENDING);
    EXPECT_EQ(step->view().attempt(), request.key().attempt());
    ++seen;
  });
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(Await(created->id(), v1::SUCCEEDED), v1::SUCCEEDED);
  EXPECT_EQ(seen, static_cast<int>(State(created->id()).steps.size()));
}

TEST_F(ExecutorTest, RollsBackWhenTheNewReleaseIsNotHealthy) {
  workers_.Fail("check_health", v1::HEALTH_STATUS);
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(Await(created->id(), v1::ROLLED_BACK), v1::ROLLED_BACK);
  EXPECT_EQ(State(created->id()).record.view().failure().code(), v1::HEALTH_STATUS);
  EXPECT_THAT(workers_.Runs("remove_container"), SizeIs(1));
  EXPECT_EQ(Lock("dev")->deployment_id(), "");
}

TEST_F(ExecutorTest, FailsWithoutAChangeWhenTheSurveyFails) {
  workers_.Fail("resolve_image", v1::IMAGE_NOT_FOUND);
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(Await(created->id(), v1::FAILED), v1::FAILED);
  EXPECT_THAT(workers_.Runs("start_container"), IsEmpty());
}

TEST_F(ExecutorTest, StopsWhatRunsWhenCancelled) {
  workers_.Hold("check_health");
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_TRUE(workers_.AwaitHeld("check_health"));
  const auto cancelled = executor_->Cancel(created->id(), "bob@desk");
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_TRUE(cancelled->cancel_requested());
  EXPECT_EQ(Await(created->id(), v1::CANCELLED), v1::CANCELLED);
  EXPECT_THAT(workers_.Cancelled(), ElementsAre(workers_.Runs("check_health")[0].key().step_id()));
  EXPECT_THAT(State(created->id()).record.view().failure().message(), HasSubstr("bob@desk"));
}

TEST_F(ExecutorTest, RefusesToCancelWhatHasEndedOrNeverWas) {
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_EQ(Await(created->id(), v1::SUCCEEDED), v1::SUCCEEDED);
  const absl::Status ended = executor_->Cancel(created->id(), "bob@desk").status();
  EXPECT_TRUE(IsFailure(ended, v1::WRONG_STATE)) << ended;
  EXPECT_THAT(std::string(ended.message()), HasSubstr("succeeded"));
  EXPECT_TRUE(IsFailure(executor_->Cancel("d-none", "bob@desk").status(), v1::NOT_FOUND));
}

TEST_F(ExecutorTest, AnswersTheSameRequestWithTheSameDeployment) {
  const auto first = executor_->Create(RequestFor("dev", "request-1"));
  const auto second = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  EXPECT_EQ(first->id(), second->id());
  ASSERT_EQ(Await(first->id(), v1::SUCCEEDED), v1::SUCCEEDED);
  const auto third = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(third->id(), first->id());
  EXPECT_EQ(third->state(), v1::SUCCEEDED);
  EXPECT_EQ(workers_.Runs("start_container").size(), 1u);
}

TEST_F(ExecutorTest, SaysWhoHoldsTheLockSinceWhen) {
  workers_.Hold("observe");
  const auto holder = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(holder.ok()) << holder.status();
  clock_.Advance(absl::Minutes(5));
  const absl::Status held = executor_->Create(RequestFor("dev", "request-2")).status();
  EXPECT_TRUE(IsFailure(held, v1::LOCK_HELD)) << held;
  EXPECT_THAT(std::string(held.message()),
              testing::AllOf(HasSubstr(holder->id()), HasSubstr("ann@desk"),
                             HasSubstr("2023-11-14T22:13:20")));
  EXPECT_TRUE(executor_->Create(RequestFor("prod", "request-3")).ok());
}

TEST_F(ExecutorTest, LeavesTheLockAloneWhenAHostIsUnknownOrTheSpecIsWrong) {
  const absl::Status unknown =
      executor_->Create(RequestFor("dev", "request-1", {"a", "nowhere"})).status();
  EXPECT_TRUE(IsFailure(unknown, v1::HOST_UNKNOWN)) << unknown;
  v1::CreateDeploymentRequest wrong = RequestFor("dev", "request-2");
  (*wrong.mutable_deployment()->mutable_spec()->mutable_apps())["web"].set_image("NOT AN IMAGE");
  EXPECT_TRUE(IsFailure(executor_->Create(wrong).status(), v1::SPEC_INVALID));
  EXPECT_EQ(Lock("dev"), std::nullopt);
  EXPECT_TRUE(executor_->Create(RequestFor("dev", "request-3")).ok());
}

TEST_F(ExecutorTest, NumbersReleasesAndKnowsTheLiveOne) {
  const auto deploy = [&](const char* request_id, v1::DeploymentState end) {
    clock_.Advance(absl::Seconds(1));
    const auto created = executor_->Create(RequestFor("dev", request_id));
    EXPECT_TRUE(created.ok()) << created.status();
    EXPECT_EQ(Await(created->id(), end), end);
    return State(created->id()).record;
  };
  EXPECT_EQ(deploy("request-1", v1::SUCCEEDED).view().releases(0).number(), 1);
  workers_.Fail("check_health", v1::HEALTH_STATUS);
  EXPECT_EQ(deploy("request-2", v1::ROLLED_BACK).view().releases(0).number(), 2);
  workers_.Fail("check_health", v1::FAILURE_CODE_UNSPECIFIED);
  const auto third = deploy("request-3", v1::SUCCEEDED);
  EXPECT_EQ(third.view().releases(0).number(), 3);
  EXPECT_EQ(third.view().releases(0).replaces(), 1);
  EXPECT_THAT(third.kept().at("web").numbers(), ElementsAre(1));
  EXPECT_EQ(third.fence(), 3);
}

TEST_F(ExecutorTest, TimesOutAStepThatNeverEnds) {
  workers_.Hold("start_container");
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_TRUE(workers_.AwaitHeld("start_container"));
  clock_.Advance(absl::Hours(1));
  executor_->CheckTimers();
  EXPECT_EQ(Await(created->id(), v1::ROLLED_BACK), v1::ROLLED_BACK);
  EXPECT_EQ(State(created->id()).record.view().failure().code(), v1::STEP_TIMEOUT);
}

TEST_F(ExecutorTest, TakesAFencedStepForFailedAndALostJournalForUnknown) {
  workers_.Refuse("start_container", FailureStatus(v1::FENCED, "another controller"));
  auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  Await(created->id(), v1::ROLLED_BACK);
  EXPECT_EQ(Steps(created->id(), "start_container")[0].state(), v1::STEP_FAILED);

  workers_.Refuse("start_container", FailureStatus(v1::JOURNAL_LOST, "another disk"));
  created = executor_->Create(RequestFor("prod", "request-2"));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(Await(created->id(), v1::NEEDS_ATTENTION), v1::NEEDS_ATTENTION);
  EXPECT_EQ(Steps(created->id(), "start_container")[0].state(), v1::STEP_UNKNOWN_OUTCOME);
}

TEST_F(ExecutorTest, GivesUpAStepWhoseWorkerIsLost) {
  workers_.Refuse("observe", FailureStatus(v1::HOST_UNREACHABLE, "no route"));
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(Await(created->id(), v1::FAILED), v1::FAILED);
  EXPECT_EQ(State(created->id()).record.view().failure().code(), v1::HOST_UNREACHABLE);
}

TEST_F(ExecutorTest, KeepsLogsInOrderAndBeforeTheEndOfTheirStep) {
  workers_.Log("start_container", 500);
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_EQ(Await(created->id(), v1::SUCCEEDED), v1::SUCCEEDED);
  const std::string step_id = workers_.Runs("start_container")[0].key().step_id();
  int lines = 0;
  bool ended = false;
  for (const v1::Event& event : Events(created->id())) {
    if (event.has_log()) {
      EXPECT_EQ(event.log().step_id(), step_id);
      EXPECT_EQ(event.log().data(), absl::StrCat("line ", ++lines, "\n"));
      EXPECT_FALSE(ended);
    }
    ended = ended || (event.step().id() == step_id && event.step().state() == v1::STEP_SUCCEEDED);
  }
  EXPECT_EQ(lines, 500);
  EXPECT_TRUE(ended);
}

TEST_F(ExecutorTest, SaysThatItIsStoppingWhenItIs) {
  executor_->Stop();
  const absl::Status status = executor_->Create(RequestFor("dev", "request-1")).status();
  EXPECT_TRUE(IsFailure(status, v1::CONTROLLER_UNREACHABLE)) << status;
}

}  // namespace
}  // namespace davit::executor
