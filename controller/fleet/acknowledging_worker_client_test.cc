#include "controller/fleet/acknowledging_worker_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/channel.h"
#include "controller/fleet/grpc_worker_client.h"
#include "controller/fleet/scripted_worker.h"

namespace davit::fleet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AcknowledgingTest : public ::testing::Test {
 protected:
  AcknowledgingTest() {
    const auto channel = MakeChannel(UnixAddress(worker_.path()));
    client_ = std::make_unique<AcknowledgingWorkerClient>(
        std::make_unique<GrpcWorkerClient>("web1", channel, "c"), timer_);
    worker_.Play(std::vector(3, Sends({StartedEvent("j"), FinishedEvent()})));
  }

  // Runs the step to its end; the ids of the steps that its request acknowledged.
  std::vector<std::string> Run(const std::string& id) {
    const auto observer = std::make_shared<RecordingObserver>();
    client_->RunStep(StepRequest(id), observer);
    EXPECT_TRUE(observer->AwaitDone().ok());
    std::vector<std::string> acknowledged;
    const auto requests = worker_.AwaitRequests(++runs_);
    for (const auto& key : requests.back().acknowledged()) {
      acknowledged.push_back(key.step_id());
    }
    return acknowledged;
  }

  ScriptedWorker worker_;
  ManualTimer timer_;
  std::unique_ptr<AcknowledgingWorkerClient> client_;
  int runs_ = 0;
};

TEST_F(AcknowledgingTest, SendsThemOnceWithTheNextStep) {
  EXPECT_THAT(Run("s-01"), IsEmpty());
  client_->AckStep(StepRequest("s-01").key());
  client_->AckStep(StepRequest("s-02").key());
  EXPECT_THAT(Run("s-03"), ElementsAre("s-01", "s-02"));
  EXPECT_THAT(Run("s-04"), IsEmpty());
}

TEST_F(AcknowledgingTest, SendsThemAloneWhenNoStepComes) {
  client_->AckStep(StepRequest("s-01").key());
  EXPECT_EQ(timer_.RunNext(), absl::Seconds(1));
  EXPECT_THAT(worker_.AwaitAcks(1), ElementsAre("s-01"));
  EXPECT_THAT(Run("s-02"), IsEmpty());
}

TEST_F(AcknowledgingTest, HasOneTimerAndAnotherWhenThatHasRun) {
  client_->AckStep(StepRequest("s-01").key());
  Run("s-02");
  client_->AckStep(StepRequest("s-02").key());
  EXPECT_EQ(timer_.AwaitPending(1), 1u);
  timer_.RunNext();
  EXPECT_THAT(worker_.AwaitAcks(1), ElementsAre("s-02"));
  client_->AckStep(StepRequest("s-03").key());
  timer_.RunNext();
  EXPECT_THAT(worker_.AwaitAcks(2), ElementsAre("s-02", "s-03"));
}

TEST_F(AcknowledgingTest, IsQuietWhenItHasEnded) {
  client_->AckStep(StepRequest("s-01").key());
  client_.reset();
  timer_.RunNext();
}

}  // namespace
}  // namespace davit::fleet
