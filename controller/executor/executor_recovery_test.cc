#include "common/failure/failure.h"
#include "controller/core/machine/new_deployment.h"
#include "controller/executor/executor_fixture.h"
#include "controller/executor/transition_writer.h"

// What an executor does when the store fails, or after it was ended.
namespace davit::executor {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST_F(ExecutorTest, TriesACommitAgainAndRunsNothingTwice) {
  store_.FailCommits(3);
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(Await(created->id(), v1::SUCCEEDED), v1::SUCCEEDED);
  for (const auto& [step, times] : workers_.Begun()) EXPECT_EQ(times, 1) << step;
  EXPECT_THAT(workers_.Runs("observe"), SizeIs(1));
}

TEST_F(ExecutorTest, TellsNobodyOfWhatIsNotCommitted) {
  store_.FailCommits(options_.commit_attempts);
  const absl::Status status = executor_->Create(RequestFor("dev", "request-1")).status();
  EXPECT_TRUE(IsFailure(status, v1::INTERNAL)) << status;
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("the disk is away"));
  EXPECT_THAT(workers_.Begun(), IsEmpty());
  EXPECT_EQ(Lock("dev"), std::nullopt);
  EXPECT_TRUE(executor_->Create(RequestFor("dev", "request-1")).ok());
}

TEST_F(ExecutorTest, AsksWorkersAgainForWhatCouldNotBeStored) {
  options_.reattach_after = absl::ZeroDuration();
  Restart({"a", "b"});
  workers_.Hold("start_container");
  workers_.Log("start_container", 5);
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_TRUE(workers_.AwaitHeld("start_container"));
  store_.FailCommits(options_.commit_attempts);
  workers_.Release("start_container");
  ASSERT_TRUE(store_.AwaitFailures());
  EXPECT_EQ(Await(created->id(), v1::SUCCEEDED), v1::SUCCEEDED);
  const auto starts = workers_.Runs("start_container");
  ASSERT_THAT(starts, SizeIs(2));
  EXPECT_EQ(workers_.Begun().at(starts[0].key().step_id()), 1);
  int lines = 0;
  for (const v1::Event& event : Events(created->id())) lines += event.has_log() ? 1 : 0;
  EXPECT_EQ(lines, 5);
}

TEST_F(ExecutorTest, AttachesToRunningStepsAfterARestartAndGoesOn) {
  workers_.Hold("start_container");
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_TRUE(workers_.AwaitHeld("start_container"));
  Restart({"a", "b"});
  workers_.Release("start_container");
  EXPECT_EQ(Await(created->id(), v1::SUCCEEDED), v1::SUCCEEDED);
  for (const auto& [step, times] : workers_.Begun()) EXPECT_EQ(times, 1) << step;
  const auto starts = workers_.Runs("start_container");
  ASSERT_THAT(starts, SizeIs(2));
  EXPECT_EQ(starts[0].key().SerializeAsString(), starts[1].key().SerializeAsString());
  EXPECT_EQ(starts[1].journal_id(), "journal");
}

TEST_F(ExecutorTest, LearnsAfterARestartWhatEndedMeanwhile) {
  workers_.Hold("start_container");
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_TRUE(workers_.AwaitHeld("start_container"));
  executor_->Stop();
  workers_.Release("start_container");
  Restart({"a", "b"});
  EXPECT_EQ(Await(created->id(), v1::SUCCEEDED), v1::SUCCEEDED);
  for (const auto& [step, times] : workers_.Begun()) EXPECT_EQ(times, 1) << step;
}

TEST_F(ExecutorTest, StartsWhatWasCommittedButNeverSent) {
  executor_->Stop();
  // The state of just after a commit, without its effects.
  const v1::CreateDeploymentRequest request = RequestFor("dev", "request-1");
  core::NewDeploymentArgs args{
      .request = request.deployment(), .id = "d-1", .request_id = "request-1", .fence = 1};
  core::Transition transition =
      core::Apply(*core::NewDeployment(args, clock_.Now()), core::Submitted{}, clock_.Now());
  ASSERT_TRUE(store_
                  .Update([&](store::Txn& txn) {
                    EXPECT_TRUE(txn.PutDeployment(transition.next.record).ok());
                    return WriteTransition(txn, transition);
                  })
                  .ok());
  ASSERT_TRUE(executor_->Start().ok());
  EXPECT_EQ(Await("d-1", v1::SUCCEEDED), v1::SUCCEEDED);
  EXPECT_THAT(workers_.Runs("observe"), SizeIs(1));
}

TEST_F(ExecutorTest, GivesUpStepsOfAHostThatIsGoneAfterARestart) {
  workers_.Hold("observe");
  const auto created = executor_->Create(RequestFor("dev", "request-1", {"b"}));
  ASSERT_TRUE(created.ok()) << created.status();
  Restart({"a"});
  EXPECT_EQ(Await(created->id(), v1::FAILED), v1::FAILED);
  EXPECT_EQ(State(created->id()).record.view().failure().code(), v1::HOST_UNKNOWN);
}

TEST_F(ExecutorTest, CancelsAfterARestart) {
  workers_.Hold("start_container");
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_TRUE(workers_.AwaitHeld("start_container"));
  Restart({"a", "b"});
  ASSERT_TRUE(executor_->Cancel(created->id(), "bob@desk").ok());
  EXPECT_EQ(Await(created->id(), v1::CANCELLED), v1::CANCELLED);
}

TEST_F(ExecutorTest, ListensNoLongerToStreamsOfBeforeItsEnd) {
  workers_.Hold("start_container");
  const auto created = executor_->Create(RequestFor("dev", "request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_TRUE(workers_.AwaitHeld("start_container"));
  executor_.reset();
  workers_.Release("start_container");  // speaks to an observer of an executor that is gone
  Restart({"a", "b"});
  EXPECT_EQ(Await(created->id(), v1::SUCCEEDED), v1::SUCCEEDED);
}

}  // namespace
}  // namespace davit::executor
