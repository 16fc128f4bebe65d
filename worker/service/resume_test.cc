#include <gmock/gmock.h>
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

using ::testing::HasSubstr;
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

// Says a line each time, and another one when it says everything again.
class TalkingRunner final : public steps::StepRunner {
 public:
  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec&,
                                              const steps::StepContext&,
                                              steps::StepReporter& reporter) override {
    reporter.Log(Line("said"));
    return Done();
  }
  absl::Status Replay(const worker::v1::StepSpec&, const steps::StepContext& context,
                      steps::StepReporter& reporter) override {
    EXPECT_EQ(context.after_log.ordinal(), 7);
    EXPECT_EQ(context.secrets.at("/T@0"), "correct-horse-battery");
    reporter.Log(Line("said again, but for correct-horse-battery"));
    return absl::OkStatus();
  }

 private:
  static v1::StepLog Line(const std::string& text) {
    v1::StepLog log;
    log.set_stream(v1::STDOUT);
    log.set_data(text + "\n");
    log.mutable_position()->set_container_id("c-1");
    return log;
  }
};

TEST_F(ResumeTest, SaysAgainWhatAOneOffHasSaidWhenNobodyMayHaveReadIt) {
  RunStepRequest request = PullRequest("s-01");
  worker::v1::RunOneOff& one_off = *request.mutable_spec()->mutable_run_one_off();
  (*one_off.mutable_container()->mutable_secret_env())["TOKEN"].set_name("T");
  (*request.mutable_secrets())["/T@0"] = "correct-horse-battery";
  request.mutable_after_log()->set_ordinal(7);
  std::filesystem::create_directory(state_directory());
  steps::Runners runners;
  runners[worker::v1::StepSpec::kRunOneOff] = std::make_unique<TalkingRunner>();
  {
    const auto journal = Journal::Open(state_directory() + "/journal.db");
    ASSERT_TRUE(journal.ok());
    StepTable table(journal->get(), &runners);
    const auto begun = table.Run(request, [] { return false; });
    ASSERT_TRUE(begun.ok()) << begun.status();
    auto cursor = begun->step->feed().Begin(nullptr);
    while (!begun->step->feed().finished())
      begun->step->feed().Next(cursor, absl::Now() + kResumePatience);
  }
  const auto journal = Journal::Open(state_directory() + "/journal.db");
  ASSERT_TRUE(journal.ok());
  StepTable table(journal->get(), &runners);
  ASSERT_TRUE(table.Resume().ok());
  const auto attached = table.Run(request, [] { return false; });
  ASSERT_TRUE(attached.ok()) << attached.status();
  ASSERT_TRUE(attached->before_reading);
  attached->before_reading();
  auto cursor = attached->step->feed().Begin(nullptr);
  const auto said = attached->step->feed().Next(cursor, absl::Now());
  ASSERT_TRUE(said.has_value());
  EXPECT_EQ(said->log().data(), "said again, but for ***\n");
  EXPECT_TRUE(attached->step->feed().Next(cursor, absl::Now())->has_finished());
  const auto again = table.Run(request, [] { return false; });
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->before_reading) << "it is in the feed";
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

TEST_F(ResumeTest, NamesTheContainerThatMayRunStillWhenItsJournalWasLost) {
  RunStepRequest request = PullRequest("s-01");
  request.mutable_spec()->mutable_migrate_database();
  request.set_journal_id("another");
  Start([](const auto&, const auto&, auto&) { return Done(); });
  const v1::Failure failure = FailureOf(StepStream(*stub_, request).Status());
  EXPECT_EQ(failure.code(), v1::JOURNAL_LOST);
  EXPECT_THAT(failure.next_command(), HasSubstr("docker kill davit-s-01-1"));
  EXPECT_THAT(failure.next_command(), HasSubstr("restores are refused"));
}

}  // namespace
}  // namespace davit::service
