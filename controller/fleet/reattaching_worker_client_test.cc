#include "controller/fleet/reattaching_worker_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "controller/fleet/grpc_worker_client.h"
#include "controller/fleet/scripted_worker.h"

namespace davit::fleet {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;

const grpc::Status kBroken(grpc::StatusCode::UNAVAILABLE, "connection reset");

class ReattachingTest : public ::testing::Test {
 protected:
  ReattachingTest() {
    channel_ = MakeChannel(UnixAddress(worker_.path()));
    ReattachOptions options;
    options.backoff.jitter = [] { return 0.0; };
    client_ = std::make_unique<ReattachingWorkerClient>(
        "web1", std::make_unique<GrpcWorkerClient>("web1", channel_, "c"), timer_, options);
  }

  void Run() { client_->RunStep(StepRequest("s-01"), observer_); }

  // Lets time pass up to the first try that is not before `end`; the pauses in ms.
  std::vector<int64_t> RunUntil(absl::Duration end) {
    std::vector<int64_t> pauses;
    while (timer_.Uptime() < end && pauses.size() < 100) {
      pauses.push_back(absl::ToInt64Milliseconds(timer_.RunNext()));
    }
    return pauses;
  }

  ScriptedWorker worker_;
  ManualTimer timer_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<ReattachingWorkerClient> client_;
  const std::shared_ptr<RecordingObserver> observer_ = std::make_shared<RecordingObserver>();
};

TEST_F(ReattachingTest, GoesOnFromTheLastLogWhenTheStreamBreaksInTheMiddle) {
  worker_.Play({Sends({StartedEvent("journal-7"), LogEvent(11), LogEvent(12)}, kBroken),
                Sends({StartedEvent("journal-7"), LogEvent(13), FinishedEvent()})});
  Run();
  EXPECT_EQ(timer_.RunNext(), absl::Milliseconds(100));
  EXPECT_TRUE(observer_->AwaitDone().ok());

  EXPECT_EQ(observer_->AwaitEvents(6).size(), 6u);
  const auto requests = worker_.AwaitRequests(2);
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[1].key().step_id(), "s-01");
  EXPECT_EQ(requests[1].key().attempt(), 1);
  EXPECT_EQ(requests[1].after_log().time_unix_nanos(), 12);
  EXPECT_EQ(observer_->done_calls(), 1);
}

TEST_F(ReattachingTest, AsksTheSameJournalSoThatALostOneCannotRunTheStepAgain) {
  worker_.Play({Sends({StartedEvent("journal-7")}, kBroken),
                Sends({}, ToGrpcStatus(FailureStatus(v1::JOURNAL_LOST, "another journal")))});
  Run();
  timer_.RunNext();
  EXPECT_TRUE(IsFailure(observer_->AwaitDone(), v1::JOURNAL_LOST));
  const auto requests = worker_.AwaitRequests(2);
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].journal_id(), "");
  EXPECT_EQ(requests[1].journal_id(), "journal-7");
}

TEST_F(ReattachingTest, TakesAStreamUpAgainThatWasResetOrEndedEarly) {
  worker_.Play({Sends({}, grpc::Status(grpc::StatusCode::INTERNAL, "RST_STREAM")),
                Sends({}, grpc::Status::CANCELLED), Sends({}, grpc::Status::OK),
                Sends({FinishedEvent()})});
  Run();
  for (int i = 0; i < 3; ++i) timer_.RunNext();
  EXPECT_TRUE(observer_->AwaitDone().ok());
}

TEST_F(ReattachingTest, DoesNotAskAgainAfterAFinalRefusal) {
  for (const grpc::StatusCode code :
       {grpc::StatusCode::FAILED_PRECONDITION, grpc::StatusCode::INVALID_ARGUMENT,
        grpc::StatusCode::UNIMPLEMENTED}) {
    worker_.Play({Sends({}, grpc::Status(code, "no"))});
    const auto observer = std::make_shared<RecordingObserver>();
    client_->RunStep(StepRequest("s-01"), observer);
    EXPECT_EQ(static_cast<int>(observer->AwaitDone().code()), static_cast<int>(code));
  }
  EXPECT_EQ(worker_.AwaitRequests(3).size(), 3u);
  EXPECT_EQ(timer_.AwaitPending(0), 0u);
}

TEST_F(ReattachingTest, TellsAtOnceWhereTheHostHasNoSpaceLeft) {
  worker_.Play({Sends({}, ToGrpcStatus(FailureStatus(v1::DISK_FULL, "no space in /var/lib")))});
  Run();
  const absl::Status status = observer_->AwaitDone();
  EXPECT_TRUE(IsFailure(status, v1::DISK_FULL)) << status;
  EXPECT_THAT(FailureOf(status).evidence(), Contains("host: web1"));
  EXPECT_EQ(timer_.AwaitPending(0), 0u);
}

TEST_F(ReattachingTest, SurvivesARestartOfTheWorker) {
  worker_.Play({SendsAndHolds(worker_, {StartedEvent("j")})});
  Run();
  observer_->AwaitEvents(1);
  worker_.Stop();
  // Tries while the worker is away fail and are repeated.
  timer_.RunNext();
  timer_.RunNext();
  timer_.AwaitPending(1);
  worker_.Play({Sends({StartedEvent("j"), FinishedEvent()})});
  worker_.Start();
  ASSERT_TRUE(channel_->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(20))));
  timer_.RunNext();
  EXPECT_TRUE(observer_->AwaitDone().ok());
}

TEST_F(ReattachingTest, PausesDoubleUpToFiveSecondsAndEndAfterAMinute) {
  worker_.Play({Sends({StartedEvent("j")}, kBroken), Sends({}, kBroken)});
  Run();
  const std::vector<int64_t> pauses = RunUntil(absl::Seconds(60));
  const absl::Status status = observer_->AwaitDone();
  EXPECT_TRUE(IsFailure(status, v1::HOST_UNREACHABLE));
  EXPECT_THAT(std::string(status.message()), HasSubstr("web1"));
  ASSERT_GT(pauses.size(), 8u);
  const std::vector<int64_t> first(pauses.begin(), pauses.begin() + 8);
  EXPECT_THAT(first, ElementsAre(100, 200, 400, 800, 1600, 3200, 5000, 5000));
  EXPECT_EQ(timer_.Uptime(), absl::Seconds(60));
}

TEST_F(ReattachingTest, GivesUpAWorkerThatNeverAnsweredAfterAQuarterOfAMinuteAndSaysWhy) {
  worker_.Play({Sends({}, kBroken)});
  Run();
  RunUntil(absl::Seconds(15));
  const absl::Status status = observer_->AwaitDone();
  EXPECT_TRUE(IsFailure(status, v1::HOST_UNREACHABLE));
  EXPECT_THAT(std::string(status.message()), HasSubstr("for 15s"));
  EXPECT_THAT(FailureOf(status).evidence(), ElementsAre("last error: connection reset"));
}

TEST_F(ReattachingTest, GivesAWorkerThatTheDeploymentHasHeardOfBeforeTheWholeMinute) {
  worker_.Play({Sends({}, kBroken)});
  auto request = StepRequest("s-01");
  request.set_journal_id("journal-7");
  client_->RunStep(request, observer_);
  RunUntil(absl::Seconds(50));
  timer_.AwaitPending(1);
  EXPECT_EQ(observer_->done_calls(), 0);
  RunUntil(absl::Seconds(60));
  EXPECT_TRUE(IsFailure(observer_->AwaitDone(), v1::HOST_UNREACHABLE));
}

TEST_F(ReattachingTest, AnEventStartsTheMinuteAnew) {
  worker_.Play({Sends({StartedEvent("j")}, kBroken), Sends({}, kBroken)});
  Run();
  while (timer_.Uptime() < absl::Seconds(50)) timer_.RunNext();
  timer_.AwaitPending(1);
  worker_.Play({Sends({StartedEvent("j")}, kBroken), Sends({}, kBroken)});
  timer_.RunNext();
  EXPECT_EQ(timer_.RunNext(), absl::Milliseconds(100));
  while (timer_.Uptime() < absl::Seconds(100)) timer_.RunNext();
  timer_.AwaitPending(1);
  EXPECT_EQ(observer_->done_calls(), 0);
}

TEST_F(ReattachingTest, RepeatsACancellationWhenTheWorkerIsBack) {
  worker_.Play({SendsAndHolds(worker_, {StartedEvent("j")})});
  Run();
  observer_->AwaitEvents(1);
  worker_.Stop();
  timer_.AwaitPending(1);
  client_->CancelStep(StepRequest("s-01").key());
  worker_.Play({SendsAndHolds(worker_, {StartedEvent("j")})});
  worker_.Start();
  ASSERT_TRUE(channel_->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(20))));
  timer_.RunNext();
  EXPECT_THAT(worker_.AwaitCancels(1), Contains("s-01"));
}

TEST_F(ReattachingTest, CancelsOnlyTheStepThatItWasAskedTo) {
  worker_.Play({Sends({StartedEvent("j"), FinishedEvent()})});
  Run();
  EXPECT_TRUE(observer_->AwaitDone().ok());
  client_->CancelStep(StepRequest("s-99").key());
  EXPECT_THAT(worker_.AwaitCancels(1), Each(Eq("s-99")));
}

TEST_F(ReattachingTest, EndsAStreamThatWaitsForItsNextTryWhenItIsDestroyed) {
  worker_.Play({Sends({}, kBroken)});
  Run();
  timer_.AwaitPending(1);
  client_.reset();
  EXPECT_EQ(observer_->done_calls(), 1);
  EXPECT_TRUE(IsFailure(observer_->AwaitDone(), v1::HOST_UNREACHABLE));
  timer_.RunNext();  // comes too late and must touch nothing
  EXPECT_EQ(observer_->done_calls(), 1);
}

TEST_F(ReattachingTest, EndsAConnectedStreamWhenItIsDestroyed) {
  worker_.Play({SendsAndHolds(worker_, {StartedEvent("j")})});
  Run();
  observer_->AwaitEvents(1);
  client_.reset();
  EXPECT_EQ(observer_->done_calls(), 1);
  EXPECT_TRUE(IsFailure(observer_->AwaitDone(), v1::HOST_UNREACHABLE));
}

TEST(Reattaching, CanBeDestroyedInTheMiddleOfAStorm) {
  ScriptedWorker worker;
  worker.Play({Sends({StartedEvent("j")}, kBroken)});
  ThreadTimer timer;
  std::vector<std::shared_ptr<RecordingObserver>> observers(50);
  {
    ReattachOptions options;
    options.backoff.first_pause = absl::Microseconds(1);
    options.backoff.longest_pause = absl::Milliseconds(1);
    ReattachingWorkerClient client(
        "web1",
        std::make_unique<GrpcWorkerClient>("web1", MakeChannel(UnixAddress(worker.path())), "c"),
        timer, options);
    for (size_t i = 0; i < observers.size(); ++i) {
      observers[i] = std::make_shared<RecordingObserver>();
      client.RunStep(StepRequest(absl::StrCat("s-", i)), observers[i]);
    }
    worker.AwaitRequests(500);
  }
  for (const auto& observer : observers) EXPECT_EQ(observer->done_calls(), 1);
}

TEST(Reattaching, SpreadsTheTriesOfManyStreams) {
  ScriptedWorker worker;
  worker.Play({Sends({}, kBroken)});
  ManualTimer timer;
  ReattachOptions options;
  options.backoff.jitter = [] { return 0.5; };
  ReattachingWorkerClient client(
      "web1",
      std::make_unique<GrpcWorkerClient>("web1", MakeChannel(UnixAddress(worker.path())), "c"),
      timer, options);
  client.RunStep(StepRequest("s-01"), std::make_shared<RecordingObserver>());
  EXPECT_EQ(timer.RunNext(), absl::Milliseconds(75));
}

}  // namespace
}  // namespace davit::fleet
