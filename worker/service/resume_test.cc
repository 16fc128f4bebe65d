#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "absl/synchronization/notification.h"
#include "common/failure/failure.h"
#include "worker/service/journal.h"
#include "worker/service/service_fixture.h"
#include "worker/service/step_table.h"

namespace davit::service {
namespace {

using worker::v1::RunStepRequest;
using worker::v1::StepFinished;

constexpr absl::Duration kResumePatience = absl::Seconds(20);

class ResumeTest : public ServiceTest {
 protected:
  // A worker process that begins the step and is killed in the middle of it.
  void BeginAndDie(const RunStepRequest& request) {
    std::filesystem::create_directory(state_directory());
    const pid_t child = fork();
    if (child == 0) {
      auto journal = Journal::Open(state_directory() + "/journal.db");
      if (!journal.ok()) _exit(1);
      const steps::Runners runners = RunnersFor([](const auto&, const auto&, auto&) {
        kill(getpid(), SIGKILL);
        return Done();
      });
      StepTable table(journal->get(), &runners);
      if (!table.Run(request, [] { return false; }).ok()) _exit(2);
      pause();
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended with " << WEXITSTATUS(status);
  }
};

TEST_F(ResumeTest, GoesOnWithAStepWhoseWorkerWasKilled) {
  BeginAndDie(PullRequest("s-01"));
  absl::Notification resumed;
  Start([&resumed](const auto& spec, const auto& context, auto&) {
    EXPECT_TRUE(context.resumed);
    EXPECT_EQ(spec.pull_image().reference(), "web:1");
    EXPECT_EQ(context.key.deployment_id(), "d-1");
    resumed.Notify();
    return Done("went on");
  });
  EXPECT_TRUE(resumed.WaitForNotificationWithTimeout(kResumePatience)) << "before anybody asks";
  const auto messages = StepStream(*stub_, PullRequest("s-01")).ReadAll();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_TRUE(messages[0].started().attached());
  EXPECT_EQ(messages[1].finished().outputs().summary(), "went on");
}

TEST_F(ResumeTest, CountsTheTimeoutFromTheIntent) {
  RunStepRequest request = PullRequest("s-01");
  request.mutable_timeout()->set_seconds(0);
  request.mutable_timeout()->set_nanos(1'000'000);
  BeginAndDie(request);
  Start([](const auto&, const auto& context, auto&) { return UntilStopped(context); });
  EXPECT_EQ(StepStream(*stub_, request).Finished().failure().code(), v1::STEP_TIMEOUT);
}

TEST_F(ResumeTest, LeavesAStepToTheNextWorkerWhenItEnds) {
  absl::Notification begun;
  Start([&begun](const auto&, const auto& context, auto&) {
    begun.Notify();
    return UntilStopped(context);
  });
  StepStream stream(*stub_, PullRequest("s-01"));
  EXPECT_TRUE(begun.WaitForNotificationWithTimeout(kResumePatience));
  End();
  EXPECT_FALSE(stream.Status().ok());
  std::atomic<bool> resumed = false;
  Start([&resumed](const auto&, const auto& context, auto&) {
    resumed = context.resumed;
    return Done();
  });
  EXPECT_EQ(StepStream(*stub_, PullRequest("s-01")).Finished().outcome(), StepFinished::SUCCEEDED);
  EXPECT_TRUE(resumed);
}

TEST_F(ResumeTest, KeepsAResultThatNobodyHasRead) {
  Start([](const auto&, const auto&, auto&) { return Done("once"); });
  StepStream(*stub_, PullRequest("s-01")).ReadAll();
  End();
  Start([](const auto&, const auto&, auto&) { return Done("twice"); });
  EXPECT_EQ(worker_->running_steps(), 0);
  ASSERT_EQ(List("cluster").steps_size(), 1);
  EXPECT_TRUE(List("cluster").steps(0).has_finished());
  EXPECT_EQ(List("another").steps_size(), 0);
  EXPECT_EQ(StepStream(*stub_, PullRequest("s-01")).Finished().outputs().summary(), "once");
}

TEST_F(ResumeTest, StillCancelsWhatWasToBeCancelled) {
  BeginAndDie(PullRequest("s-01"));
  {
    auto journal = Journal::Open(state_directory() + "/journal.db");
    ASSERT_TRUE(journal.ok());
    ASSERT_TRUE((*journal)->WriteCancelRequest(PullRequest("s-01").key()).ok());
  }
  Start([](const auto&, const auto& context, auto&) { return UntilStopped(context); });
  EXPECT_EQ(StepStream(*stub_, PullRequest("s-01")).Finished().outcome(), StepFinished::CANCELLED);
}

RunStepRequest RequestWithSecret() {
  RunStepRequest request = PullRequest("s-01");
  request.mutable_spec()->mutable_pull_image()->add_logins()->mutable_password()->set_name("TOKEN");
  (*request.mutable_secrets())["/TOKEN@0"] = "correct-horse-battery";
  return request;
}

TEST_F(ResumeTest, GoesOnWithAStepThatUsesSecretsWhenTheirValuesCome) {
  BeginAndDie(RequestWithSecret());
  std::atomic<int> runs = 0;
  Start([&runs](const auto&, const auto& context, auto&) {
    ++runs;
    EXPECT_TRUE(context.resumed);
    EXPECT_EQ(context.secrets.at("/TOKEN@0"), "correct-horse-battery");
    EXPECT_EQ(context.after_log.container_id(), "c-1");
    return Done();
  });
  EXPECT_EQ(worker_->running_steps(), 0);
  ASSERT_EQ(List("cluster").steps_size(), 1);
  RunStepRequest attach = RequestWithSecret();
  attach.mutable_after_log()->set_container_id("c-1");
  EXPECT_EQ(StepStream(*stub_, attach).Finished().outcome(), StepFinished::SUCCEEDED);
  EXPECT_EQ(StepStream(*stub_, attach).Finished().outcome(), StepFinished::SUCCEEDED);
  EXPECT_EQ(runs, 1);
}

TEST_F(ResumeTest, CancelsAStepThatWaitsForItsSecrets) {
  BeginAndDie(RequestWithSecret());
  Start([](const auto&, const auto& context, auto&) { return UntilStopped(context); });
  EXPECT_TRUE(Cancel(RequestWithSecret()));
  EXPECT_EQ(StepStream(*stub_, RequestWithSecret()).Finished().outcome(), StepFinished::CANCELLED);
}

TEST_F(ResumeTest, EndsAStepThatWaitsForItsSecretsBeforeANewerDeploymentBegins) {
  BeginAndDie(RequestWithSecret());
  std::atomic<bool> ended = false;
  Start([&ended](const auto& spec, const auto& context, auto&) {
    if (spec.pull_image().logins().empty()) {
      EXPECT_TRUE(ended);
      return Done();
    }
    const auto result = UntilStopped(context);
    ended = true;
    return result;
  });
  const RunStepRequest newer = PullRequest("s-02", RequestWithSecret().fence() + 1);
  EXPECT_EQ(StepStream(*stub_, newer).Finished().outcome(), StepFinished::SUCCEEDED);
  EXPECT_TRUE(ended);
}

TEST_F(ResumeTest, KnowsThatItsJournalWasLost) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  RunStepRequest request = PullRequest("s-01");
  request.set_journal_id(StepStream(*stub_, request).Next().started().journal_id());
  End();
  std::filesystem::remove_all(state_directory());
  Start([](const auto&, const auto&, auto&) { return Done(); });
  EXPECT_TRUE(IsFailure(StepStream(*stub_, request).Status(), v1::JOURNAL_LOST));
}

}  // namespace
}  // namespace davit::service
