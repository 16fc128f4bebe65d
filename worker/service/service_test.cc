#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <sstream>

#include "absl/synchronization/notification.h"
#include "common/failure/failure.h"
#include "tests/support/temp_dir.h"
#include "worker/database/backup/backup_record.h"
#include "worker/service/service_fixture.h"

namespace davit::service {
namespace {

using worker::v1::RunStepRequest;
using worker::v1::RunStepResponse;
using worker::v1::StepFinished;

constexpr absl::Duration kPatience = absl::Seconds(20);

TEST_F(ServiceTest, RunsAStepAndSaysHowItEnded) {
  Start([](const auto& spec, const auto& context, auto&) {
    EXPECT_EQ(spec.pull_image().reference(), "web:1");
    EXPECT_EQ(context.key.step_id(), "s-01");
    EXPECT_FALSE(context.resumed);
    return Done("pulled");
  });
  const auto messages = StepStream(*stub_, PullRequest("s-01")).ReadAll();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].started().journal_id().size(), 32u);
  EXPECT_FALSE(messages[0].started().attached());
  EXPECT_EQ(messages[1].finished().outcome(), StepFinished::SUCCEEDED);
  EXPECT_EQ(messages[1].finished().outputs().summary(), "pulled");
}

TEST_F(ServiceTest, RunsAStepOnceHoweverOftenItIsAsked) {
  std::atomic<int> runs = 0;
  Start([&runs](const auto&, const auto&, auto&) {
    ++runs;
    return Done();
  });
  StepStream(*stub_, PullRequest("s-01")).ReadAll();
  const auto again = StepStream(*stub_, PullRequest("s-01")).ReadAll();
  ASSERT_EQ(again.size(), 2u);
  EXPECT_TRUE(again[0].started().attached());
  EXPECT_EQ(again[1].finished().outcome(), StepFinished::SUCCEEDED);
  EXPECT_EQ(runs, 1);
}

TEST_F(ServiceTest, LetsSeveralFollowTheSameStep) {
  absl::Notification both_attached;
  Start([&](const auto&, const auto&, auto& reporter) {
    EXPECT_TRUE(both_attached.WaitForNotificationWithTimeout(kPatience));
    v1::StepLog log;
    log.set_data("hello\n");
    reporter.Log(log);
    return Done();
  });
  StepStream first(*stub_, PullRequest("s-01")), second(*stub_, PullRequest("s-01"));
  EXPECT_TRUE(first.Next().has_started());
  EXPECT_TRUE(second.Next().has_started());
  both_attached.Notify();
  for (StepStream* stream : {&first, &second}) {
    const RunStepResponse log = stream->Next();
    EXPECT_EQ(log.log().data(), "hello\n");
    EXPECT_EQ(log.log().step_id(), "s-01");
    EXPECT_TRUE(stream->Next().has_finished());
    EXPECT_TRUE(stream->Status().ok());
  }
}

TEST_F(ServiceTest, LeavesTheStepAloneWhenAStreamBreaks) {
  absl::Notification broken;
  Start([&](const auto&, const auto& context, auto&) -> absl::StatusOr<worker::v1::StepOutputs> {
    EXPECT_TRUE(broken.WaitForNotificationWithTimeout(kPatience));
    if (absl::Status status = context.call.Check(); !status.ok()) return status;
    return Done();
  });
  StepStream stream(*stub_, PullRequest("s-01"));
  EXPECT_TRUE(stream.Next().has_started());
  stream.Break();
  EXPECT_EQ(stream.Status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(worker_->running_steps(), 1);
  broken.Notify();
  EXPECT_EQ(StepStream(*stub_, PullRequest("s-01")).Finished().outcome(), StepFinished::SUCCEEDED);
}

TEST_F(ServiceTest, ForgetsAStepThatIsAcknowledgedButNeverRunsItAgain) {
  std::atomic<int> runs = 0;
  const auto run = [&runs](const auto&, const auto&, auto&) {
    ++runs;
    return Done();
  };
  Start(run);
  const RunStepRequest request = PullRequest("s-01");
  StepStream(*stub_, request).ReadAll();
  EXPECT_EQ(List().steps_size(), 1);
  EXPECT_TRUE(Acknowledge(request).ok());
  EXPECT_TRUE(Acknowledge(request).ok());
  EXPECT_EQ(List().steps_size(), 0);
  for (const bool restart : {false, true}) {
    if (restart) End(), Start(run);
    const absl::Status status = StepStream(*stub_, request).Status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(IsFailure(status, v1::WRONG_STATE)) << status;
  }
  EXPECT_EQ(runs, 1);
}

TEST_F(ServiceTest, ForgetsWhatTheNextStepAcknowledgesThoughItIsRepeated) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  const RunStepRequest first = PullRequest("s-01");
  RunStepRequest second = PullRequest("s-02");
  StepStream(*stub_, first).ReadAll();
  *second.add_acknowledged() = first.key();
  StepStream(*stub_, second).ReadAll();
  StepStream(*stub_, second).ReadAll();
  ASSERT_EQ(List().steps_size(), 1);
  EXPECT_EQ(List().steps(0).key().step_id(), "s-02");
  EXPECT_TRUE(IsFailure(StepStream(*stub_, first).Status(), v1::WRONG_STATE));
}

TEST_F(ServiceTest, RunsAStepThatOnlyLooksAgainAfterARestart) {
  std::atomic<int> runs = 0;
  const auto run = [&runs](const auto&, const auto& context, auto&) {
    EXPECT_FALSE(context.resumed);
    ++runs;
    return Done();
  };
  RunStepRequest request = PullRequest("s-01");
  request.mutable_spec()->mutable_observe();
  Start(run);
  StepStream(*stub_, request).ReadAll();
  StepStream(*stub_, request).ReadAll();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(List().steps_size(), 1);
  End(), Start(run);
  EXPECT_EQ(List().steps_size(), 0);
  EXPECT_EQ(StepStream(*stub_, request).Finished().outcome(), StepFinished::SUCCEEDED);
  EXPECT_EQ(runs, 2);
  EXPECT_TRUE(Acknowledge(request).ok());
  EXPECT_EQ(List().steps_size(), 0);
}

TEST_F(ServiceTest, RunsAStepThoughItAcknowledgesOneThatRuns) {
  absl::Notification go;
  Start([&go](const auto&, const auto& context, auto&) {
    if (context.key.step_id() == "s-01") go.WaitForNotification();
    return Done();
  });
  StepStream running(*stub_, PullRequest("s-01"));
  EXPECT_TRUE(running.Next().has_started());
  RunStepRequest next = PullRequest("s-02");
  *next.add_acknowledged() = PullRequest("s-01").key();
  EXPECT_EQ(StepStream(*stub_, next).Finished().outcome(), StepFinished::SUCCEEDED);
  EXPECT_EQ(List().steps_size(), 2);
  go.Notify();
  EXPECT_EQ(running.Finished().outcome(), StepFinished::SUCCEEDED);
}

TEST_F(ServiceTest, RefusesAcknowledgementsOfAnotherCluster) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  RunStepRequest request = PullRequest("s-01");
  *request.add_acknowledged() = request.key();
  request.mutable_acknowledged(0)->set_cluster_id("another");
  EXPECT_TRUE(IsFailure(StepStream(*stub_, request).Status(), v1::SPEC_INVALID));
}

TEST_F(ServiceTest, RefusesAStepThatAcknowledgesItself) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  RunStepRequest request = PullRequest("s-01");
  StepStream(*stub_, request).ReadAll();
  *request.add_acknowledged() = request.key();
  EXPECT_TRUE(IsFailure(StepStream(*stub_, request).Status(), v1::SPEC_INVALID));
  EXPECT_EQ(List().steps_size(), 1);
}

// The result can be acknowledged before the thread that told it has gone.
TEST_F(ServiceTest, TakesAnAcknowledgementAtOnce) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  for (int i = 0; i < 200; ++i) {
    const RunStepRequest request = PullRequest(absl::StrCat("s-", i));
    StepStream(*stub_, request).Finished();
    ASSERT_TRUE(Acknowledge(request).ok()) << "step " << i;
  }
  EXPECT_EQ(List().steps_size(), 0);
}

TEST_F(ServiceTest, ForgetsWhatHasEndedUnderALowerFence) {
  const auto run = [](const auto&, const auto&, auto&) { return Done(); };
  Start(run);
  RunStepRequest request = PullRequest("s-01");
  StepStream(*stub_, request).ReadAll();
  End(), Start(run);  // so that the thread which told the result has gone for certain
  EXPECT_EQ(List().steps_size(), 1);
  RunStepRequest next = PullRequest("s-02");
  next.set_fence(request.fence() + 1);
  StepStream(*stub_, next).ReadAll();
  ASSERT_EQ(List().steps_size(), 1);
  EXPECT_EQ(List().steps(0).key().step_id(), "s-02");
}

TEST_F(ServiceTest, RefusesToForgetAStepThatRuns) {
  Start([](const auto&, const auto& context, auto&) { return UntilStopped(context); });
  StepStream stream(*stub_, PullRequest("s-01"));
  EXPECT_TRUE(stream.Next().has_started());
  EXPECT_TRUE(IsFailure(Acknowledge(PullRequest("s-01")), v1::WRONG_STATE));
}

TEST_F(ServiceTest, RefusesALowerFence) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  StepStream(*stub_, PullRequest("s-01", 5)).ReadAll();
  const absl::Status status = StepStream(*stub_, PullRequest("s-02", 4)).Status();
  EXPECT_TRUE(IsFailure(status, v1::FENCED)) << status;
  RunStepRequest elsewhere = PullRequest("s-03", 4);
  elsewhere.mutable_key()->set_environment("production");
  EXPECT_TRUE(StepStream(*stub_, elsewhere).Status().ok());
}

TEST_F(ServiceTest, RefusesTheFenceOfAnotherDeployment) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  StepStream(*stub_, PullRequest("s-01", 5)).ReadAll();
  RunStepRequest forgotten = PullRequest("s-02", 5);
  forgotten.mutable_key()->set_deployment_id("d-of-older-records");
  const absl::Status status = StepStream(*stub_, forgotten).Status();
  EXPECT_TRUE(IsFailure(status, v1::FENCED)) << status;
  EXPECT_TRUE(StepStream(*stub_, PullRequest("s-03", 5)).Status().ok());
}

TEST_F(ServiceTest, EndsOlderStepsBeforeAHigherFenceStarts) {
  std::atomic<bool> old_runs = false;
  Start([&](const auto&, const auto& context, auto&) -> absl::StatusOr<worker::v1::StepOutputs> {
    if (context.key.step_id() == "new") {
      EXPECT_FALSE(old_runs);
      return Done();
    }
    old_runs = true;
    const absl::Status status = context.call.Wait(absl::Minutes(10));
    old_runs = false;
    return status;
  });
  StepStream older(*stub_, PullRequest("old", 5));
  EXPECT_TRUE(older.Next().has_started());
  const auto newer = StepStream(*stub_, PullRequest("new", 6)).Finished();
  EXPECT_EQ(newer.outcome(), StepFinished::SUCCEEDED);
  const StepFinished finished = older.Finished();
  EXPECT_EQ(finished.outcome(), StepFinished::CANCELLED);
  EXPECT_EQ(finished.failure().code(), v1::FENCED);
}

TEST_F(ServiceTest, KeepsFencesOverARestart) {
  const auto run = [](const auto&, const auto&, auto&) { return Done(); };
  Start(run);
  StepStream(*stub_, PullRequest("s-01", 5)).ReadAll();
  End();
  Start(run);
  EXPECT_TRUE(IsFailure(StepStream(*stub_, PullRequest("s-02", 4)).Status(), v1::FENCED));
}

TEST_F(ServiceTest, ObservesWithoutAFenceAndWritesNothing) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  RunStepRequest request = PullRequest("s-01", 0);
  request.mutable_spec()->mutable_stop_container();
  EXPECT_EQ(StepStream(*stub_, request).Status().code(), absl::StatusCode::kInvalidArgument);
  request.mutable_spec()->mutable_observe();
  EXPECT_EQ(StepStream(*stub_, request).Finished().outcome(), StepFinished::SUCCEEDED);
  End();
  Start([](const auto&, const auto&, auto&) { return Done(); });
  EXPECT_EQ(List().steps_size(), 0);
}

TEST_F(ServiceTest, SaysThatTheJournalIsAnotherOne) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  RunStepRequest request = PullRequest("s-01");
  request.set_journal_id("another");
  EXPECT_TRUE(IsFailure(StepStream(*stub_, request).Status(), v1::JOURNAL_LOST));
  request.set_journal_id("");
  request.set_journal_id(StepStream(*stub_, request).Next().started().journal_id());
  EXPECT_TRUE(StepStream(*stub_, request).Status().ok());
  request.mutable_key()->set_step_id("s-02");
  EXPECT_EQ(StepStream(*stub_, request).Finished().outcome(), StepFinished::SUCCEEDED);
}

TEST_F(ServiceTest, StopsAStepThatRunsTooLong) {
  Start([](const auto&, const auto& context, auto&) { return UntilStopped(context); });
  RunStepRequest request = PullRequest("s-01");
  request.mutable_timeout()->set_seconds(0);
  request.mutable_timeout()->set_nanos(50'000'000);
  const StepFinished finished = StepStream(*stub_, request).Finished();
  EXPECT_EQ(finished.outcome(), StepFinished::FAILED);
  EXPECT_EQ(finished.failure().code(), v1::STEP_TIMEOUT);
  EXPECT_EQ(finished.failure().message(), "the step ran longer than 50ms");
}

TEST_F(ServiceTest, CancelsAStep) {
  Start([](const auto&, const auto& context, auto&) { return UntilStopped(context); });
  EXPECT_FALSE(Cancel(PullRequest("s-01")));
  StepStream stream(*stub_, PullRequest("s-01"));
  EXPECT_TRUE(stream.Next().has_started());
  EXPECT_TRUE(Cancel(PullRequest("s-01")));
  const StepFinished finished = stream.Finished();
  EXPECT_EQ(finished.outcome(), StepFinished::CANCELLED);
  EXPECT_EQ(finished.failure().code(), v1::CANCELLED_BY_USER);
  EXPECT_TRUE(Cancel(PullRequest("s-01")));
}

TEST_F(ServiceTest, TellsFailedFromUnknown) {
  Start([](const auto&, const auto& context, auto&) -> absl::StatusOr<worker::v1::StepOutputs> {
    if (context.key.step_id() == "unknown") return FailureStatus(v1::STEP_UNKNOWN, "who knows");
    return FailureStatus(v1::IMAGE_NOT_FOUND, "no such tag", {"web:1"});
  });
  const StepFinished failed = StepStream(*stub_, PullRequest("failed")).Finished();
  EXPECT_EQ(failed.outcome(), StepFinished::FAILED);
  EXPECT_EQ(failed.failure().code(), v1::IMAGE_NOT_FOUND);
  EXPECT_EQ(failed.failure().evidence(0), "web:1");
  EXPECT_EQ(StepStream(*stub_, PullRequest("unknown")).Finished().outcome(), StepFinished::UNKNOWN);
}

TEST_F(ServiceTest, SurvivesARunnerThatThrows) {
  Start([](const auto&, const auto&, auto&) -> absl::StatusOr<worker::v1::StepOutputs> {
    throw std::runtime_error("out of luck");
  });
  const StepFinished finished = StepStream(*stub_, PullRequest("s-01")).Finished();
  EXPECT_EQ(finished.failure().code(), v1::INTERNAL);
  EXPECT_THAT(finished.failure().message(), ::testing::HasSubstr("out of luck"));
}

TEST_F(ServiceTest, ThinsOutProgressButDeliversTheLast) {
  constexpr int kReports = 10'000;
  absl::Notification attached;
  Start([&](const auto&, const auto&, auto& reporter) {
    EXPECT_TRUE(attached.WaitForNotificationWithTimeout(kPatience));
    for (int i = 1; i <= kReports; ++i) {
      v1::StepProgress progress;
      progress.set_done(i);
      reporter.Progress(progress);
    }
    return Done();
  });
  StepStream stream(*stub_, PullRequest("s-01"));
  EXPECT_TRUE(stream.Next().has_started());
  const absl::Time begin = absl::Now();
  attached.Notify();
  int count = 0;
  int64_t last = 0;
  for (RunStepResponse message; stream.Read(message);) {
    if (!message.has_progress()) continue;
    ++count;
    last = message.progress().done();
    EXPECT_EQ(message.progress().step_id(), "s-01");
  }
  EXPECT_EQ(last, kReports);
  EXPECT_LE(count, 2 + (absl::Now() - begin) / absl::Milliseconds(200));
}

TEST_F(ServiceTest, RefusesMoreStepsThanItCanRun) {
  Start([](const auto&, const auto& context, auto&) { return UntilStopped(context); });
  std::vector<std::unique_ptr<StepStream>> streams;
  for (int i = 0; i < 64; ++i) {
    streams.push_back(std::make_unique<StepStream>(*stub_, PullRequest(absl::StrCat("s-", i))));
    ASSERT_TRUE(streams.back()->Next().has_started()) << i;
  }
  EXPECT_EQ(StepStream(*stub_, PullRequest("one too many")).Status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Cancel(PullRequest("s-7")));
  streams[7]->Finished();
}

TEST_F(ServiceTest, RefusesAnOlderAttempt) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  RunStepRequest second = PullRequest("s-01");
  second.mutable_key()->set_attempt(2);
  EXPECT_TRUE(StepStream(*stub_, second).Status().ok());
  EXPECT_TRUE(IsFailure(StepStream(*stub_, PullRequest("s-01")).Status(), v1::WRONG_STATE));
}

TEST_F(ServiceTest, RefusesAStepWithoutAKey) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  EXPECT_EQ(StepStream(*stub_, RunStepRequest()).Status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ServiceTest, SaysThatItIsTooOldForAStep) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  StepStream(*stub_, PullRequest("s-01", 5)).ReadAll();
  RunStepRequest without_runner = PullRequest("s-02", 6), unknown = without_runner;
  without_runner.mutable_spec()->mutable_prune();
  unknown.mutable_spec()->clear_kind();
  RunStepRequest unfenced = unknown;
  unfenced.set_fence(0);
  for (const RunStepRequest& request : {without_runner, unknown, unfenced}) {
    const absl::Status status = StepStream(*stub_, request).Status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << status;
    EXPECT_TRUE(IsFailure(status, v1::VERSION_SKEW));
    EXPECT_THAT(std::string(status.message()),
                ::testing::MatchesRegex("this worker is version [0-9.]+ and does not know the "
                                        "step that the controller asks for"));
  }
  EXPECT_TRUE(StepStream(*stub_, PullRequest("s-03", 5)).Status().ok()) << "no fence was raised";
}

TEST_F(ServiceTest, AttachesWithoutLookingAtTheStep) {
  Start([](const auto&, const auto&, auto&) { return Done("pulled"); });
  RunStepRequest request = PullRequest("s-01");
  StepStream(*stub_, request).ReadAll();
  request.clear_spec();
  EXPECT_EQ(StepStream(*stub_, request).Finished().outputs().summary(), "pulled");
}

TEST_F(ServiceTest, StopsWaitingForOlderStepsWhenItsServerEnds) {
  absl::Notification asked, released;
  Start([&](const auto&, const auto& context, auto&) {
    const absl::Status status = context.call.Wait(absl::Minutes(10));
    asked.Notify();
    EXPECT_TRUE(released.WaitForNotificationWithTimeout(kPatience));
    return absl::StatusOr<worker::v1::StepOutputs>(status);
  });
  StepStream older(*stub_, PullRequest("old", 5));
  EXPECT_TRUE(older.Next().has_started());
  StepStream newer(*stub_, PullRequest("new", 6));
  ASSERT_TRUE(asked.WaitForNotificationWithTimeout(kPatience));
  const absl::Time begin = absl::Now();
  server_->Shutdown(begin);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  released.Notify();
  End();  // the step uses what is declared here
}

TEST_F(ServiceTest, NeverWritesASecret) {
  Start([](const auto&, const auto& context, auto&) {
    EXPECT_EQ(context.secrets.at("PASSWORD"), "correct-horse-battery");
    return Done();
  });
  RunStepRequest request = PullRequest("s-01");
  (*request.mutable_secrets())["PASSWORD"] = "correct-horse-battery";
  EXPECT_TRUE(StepStream(*stub_, request).Status().ok());
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(state_directory())) {
    std::stringstream content;
    content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    EXPECT_EQ(content.str().find("correct-horse"), std::string::npos) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 0);
}

TEST_F(ServiceTest, KeepsItsStateToItself) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  const auto mode = std::filesystem::status(state_directory()).permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_all);
}

TEST_F(ServiceTest, SaysWhyDockerDoesNotAnswer) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  grpc::ClientContext context;
  worker::v1::GetHostResponse host;
  ASSERT_TRUE(stub_->GetHost(&context, {}, &host).ok());
  EXPECT_EQ(host.journal_id().size(), 32u);
  EXPECT_FALSE(host.version().empty());
  EXPECT_EQ(host.docker_version(), "");
  EXPECT_EQ(host.docker_failure().code(), v1::DOCKER_UNREACHABLE);
}

TEST_F(ServiceTest, ListsTheBackupsThatAreWhole) {
  Start([](const auto&, const auto&, auto&) { return Done(); });
  const test::TempDir backups;
  for (const char* const stem : {"shop_1", "shop_2"}) {
    backups.Write(absl::StrCat(stem, ".dump"), "all of it");
    backups.Write(
        absl::StrCat(stem, ".json"),
        database::BackupRecordJson({.file = absl::StrCat(stem, ".dump"),
                                    .database = "shop",
                                    .size_bytes = absl::string_view(stem) == "shop_1" ? 9 : 10,
                                    .started = absl::UnixEpoch()}));
  }
  worker::v1::ListBackupsRequest request;
  request.set_directory(backups.path());
  grpc::ClientContext context;
  worker::v1::ListBackupsResponse listed;
  ASSERT_TRUE(stub_->ListBackups(&context, request, &listed).ok());
  ASSERT_EQ(listed.backups_size(), 1);
  EXPECT_EQ(listed.backups(0).path(), backups.File("shop_1.dump"));
  EXPECT_EQ(listed.backups(0).database_name(), "shop");
  EXPECT_EQ(listed.backups(0).size_bytes(), 9);
}

}  // namespace
}  // namespace davit::service
