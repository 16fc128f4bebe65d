#include "controller/fleet/grpc_worker_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "absl/synchronization/notification.h"
#include "common/failure/failure.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "controller/fleet/scripted_worker.h"

namespace davit::fleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;

class GrpcWorkerClientTest : public ::testing::Test {
 protected:
  void Connect() {
    client_ = std::make_unique<GrpcWorkerClient>("web1", MakeChannel(UnixAddress(worker_.path())),
                                                 "controller-7");
  }
  void SetUp() override { Connect(); }

  ScriptedWorker worker_;
  std::unique_ptr<GrpcWorkerClient> client_;
  const std::shared_ptr<RecordingObserver> observer_ = std::make_shared<RecordingObserver>();
};

TEST_F(GrpcWorkerClientTest, ReportsEveryEventAndThenOk) {
  worker_.Play({Sends({StartedEvent("j"), LogEvent(5), FinishedEvent()})});
  client_->RunStep(StepRequest("s-01"), observer_);
  EXPECT_TRUE(observer_->AwaitDone().ok());
  const auto events = observer_->AwaitEvents(3);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].started().journal_id(), "j");
  EXPECT_TRUE(events[2].has_finished());
  EXPECT_EQ(worker_.AwaitRequests(1)[0].fence(), 3);
  EXPECT_EQ(worker_.AwaitRequests(1)[0].controller_id(), "controller-7");
}

TEST_F(GrpcWorkerClientTest, IsOkAfterFinishedWhateverBecomesOfTheStream) {
  worker_.Play({Sends({FinishedEvent()}, grpc::Status(grpc::StatusCode::UNAVAILABLE, "bye"))});
  client_->RunStep(StepRequest("s-01"), observer_);
  EXPECT_TRUE(observer_->AwaitDone().ok());
}

TEST_F(GrpcWorkerClientTest, AStreamThatEndsBeforeTheStepIsAnUnreachableHost) {
  worker_.Play({Sends({StartedEvent("j")})});
  client_->RunStep(StepRequest("s-01"), observer_);
  EXPECT_TRUE(IsFailure(observer_->AwaitDone(), v1::HOST_UNREACHABLE));
}

TEST_F(GrpcWorkerClientTest, KeepsTheWorkersOwnRefusal) {
  worker_.Play({Sends({}, ToGrpcStatus(FailureStatus(v1::FENCED, "fence 7 was seen")))});
  client_->RunStep(StepRequest("s-01"), observer_);
  const absl::Status status = observer_->AwaitDone();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(IsFailure(status, v1::FENCED));
}

TEST_F(GrpcWorkerClientTest, AMethodThatTheWorkerDoesNotKnowIsASkewOfVersions) {
  worker_.Play({Sends({}, grpc::Status(grpc::StatusCode::UNIMPLEMENTED, ""))});
  client_->RunStep(StepRequest("s-01"), observer_);
  const absl::Status status = observer_->AwaitDone();
  EXPECT_TRUE(IsFailure(status, v1::VERSION_SKEW));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(status.message()), HasSubstr("web1 is of an older version"));
}

TEST_F(GrpcWorkerClientTest, ARefusalWithoutAReasonIsOneOfTheCertificate) {
  worker_.Play({Sends({}, grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "not you"))});
  client_->RunStep(StepRequest("s-01"), observer_);
  const absl::Status status = observer_->AwaitDone();
  EXPECT_TRUE(IsFailure(status, v1::NOT_AUTHORISED));
  EXPECT_THAT(FailureOf(status).evidence(), ElementsAre("it says: not you"));
}

TEST_F(GrpcWorkerClientTest, AsksToBeAdopted) {
  worker_.on_adopt = [](const worker::v1::AdoptControllerRequest& request,
                        worker::v1::AdoptControllerResponse& response) {
    response.set_journal_id("of " + request.controller_id());
    return grpc::Status::OK;
  };
  worker::v1::AdoptControllerRequest request;
  request.set_controller_id("c");
  const auto adopted = client_->AdoptController(request, Call{});
  ASSERT_TRUE(adopted.ok()) << adopted.status();
  EXPECT_EQ(adopted->journal_id(), "of c");
}

TEST_F(GrpcWorkerClientTest, AsksForTheBackupsOfADirectory) {
  worker_.on_list_backups = [](const worker::v1::ListBackupsRequest& request,
                               worker::v1::ListBackupsResponse& response) {
    response.add_backups()->set_path(request.directory() + "/main-1.dump");
    return grpc::Status::OK;
  };
  worker::v1::ListBackupsRequest request;
  request.set_directory("/backups");
  const auto listed = client_->ListBackups(request, Call{});
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(listed->backups(0).path(), "/backups/main-1.dump");
}

TEST_F(GrpcWorkerClientTest, SaysThatAWorkerIsTooOldToListBackups) {
  EXPECT_TRUE(IsFailure(client_->ListBackups({}, Call{}).status(), v1::VERSION_SKEW));
}

TEST_F(GrpcWorkerClientTest, SaysThatNobodyAnswers) {
  worker_.Stop();
  client_->RunStep(StepRequest("s-01"), observer_);
  EXPECT_TRUE(IsFailure(observer_->AwaitDone(), v1::HOST_UNREACHABLE));
  const absl::Status status = client_->GetHost({}, Call{}).status();
  EXPECT_TRUE(IsFailure(status, v1::HOST_UNREACHABLE));
  EXPECT_THAT(std::string(status.message()), HasSubstr("web1"));
}

TEST_F(GrpcWorkerClientTest, EndsItsStreamsWhenItIsDestroyed) {
  worker_.Play({SendsAndHolds(worker_, {StartedEvent("j")})});
  client_->RunStep(StepRequest("s-01"), observer_);
  observer_->AwaitEvents(1);
  client_.reset();
  EXPECT_EQ(observer_->done_calls(), 1);
  EXPECT_EQ(observer_->AwaitDone().code(), absl::StatusCode::kCancelled);
}

TEST_F(GrpcWorkerClientTest, SendsCancellationsAndAcknowledgements) {
  client_->CancelStep(StepRequest("s-01").key());
  client_->AckStep(StepRequest("s-02").key());
  EXPECT_THAT(worker_.AwaitCancels(1), ElementsAre("s-01"));
  EXPECT_THAT(worker_.AwaitAcks(1), ElementsAre("s-02"));
}

TEST_F(GrpcWorkerClientTest, CanBeDestroyedWhileAnAcknowledgementIsUnderWay) {
  for (int i = 0; i < 100; ++i) client_->AckStep(StepRequest("s-01").key());
  client_.reset();
}

TEST_F(GrpcWorkerClientTest, AsksForTheHost) {
  worker_.on_get_host = [](grpc::ServerContext&, worker::v1::GetHostResponse& response) {
    response.set_version("1.2.3");
    return grpc::Status::OK;
  };
  const auto host = client_->GetHost({}, Call{});
  ASSERT_TRUE(host.ok()) << host.status();
  EXPECT_EQ(host->version(), "1.2.3");
}

TEST_F(GrpcWorkerClientTest, GivesTheFirstReportOfAHost) {
  worker_.PlayWatch(
      {[this](grpc::ServerContext& context, const worker::v1::WatchHostRequest& request,
              ScriptedWorker::WatchStream& stream) {
        EXPECT_EQ(request.controller_id(), "controller-7");
        stream.Write(ReportOf("24.0"));
        return worker_.HoldWhile(context);
      }});
  worker::v1::WatchHostRequest request;
  request.set_controller_id("controller-7");
  const auto report = client_->FirstReport(request, Call{}.Within(absl::Seconds(20)));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->facts().docker_version(), "24.0");
}

TEST_F(GrpcWorkerClientTest, WaitsForTheFirstReportNoLongerThanItIsToldTo) {
  worker_.PlayWatch({Reports(worker_, {})});
  const auto report = client_->FirstReport({}, Call{}.Within(absl::Milliseconds(50)));
  EXPECT_TRUE(IsFailure(report.status(), v1::HOST_UNREACHABLE)) << report.status();
}

TEST_F(GrpcWorkerClientTest, AHostThatDoesNotAnswerInTimeIsUnreachable) {
  worker_.on_get_host = [this](grpc::ServerContext&, worker::v1::GetHostResponse&) {
    return worker_.Hold();
  };
  const Call call{.deadline = absl::Now() + absl::Milliseconds(50)};
  EXPECT_TRUE(IsFailure(client_->GetHost({}, call).status(), v1::HOST_UNREACHABLE));
}

class TailLogsTest : public GrpcWorkerClientTest {
 protected:
  // Sends `lines` messages, then holds or ends.
  void Script(int lines, bool hold) {
    worker_.on_tail_logs = [this, lines, hold](
                               grpc::ServerContext&,
                               grpc::ServerWriter<worker::v1::TailLogsResponse>& stream) {
      worker::v1::TailLogsResponse message;
      for (int i = 0; i < lines; ++i) {
        message.set_data(absl::StrCat(i));
        if (!stream.Write(message)) break;
      }
      return hold ? worker_.Hold() : grpc::Status::OK;
    };
  }
};

TEST_F(TailLogsTest, GivesEveryMessageInOrderAndEndsWithTheStream) {
  Script(1000, false);
  std::vector<std::string> lines;
  const absl::Status status = client_->TailLogs({}, Call{}, [&](const auto& message) {
    lines.push_back(message.data());
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  ASSERT_EQ(lines.size(), 1000u);
  EXPECT_EQ(lines[999], "999");
}

TEST_F(TailLogsTest, GivesTheMessagesBeforeTheWorkersError) {
  worker_.on_tail_logs = [](grpc::ServerContext&,
                            grpc::ServerWriter<worker::v1::TailLogsResponse>& stream) {
    for (int i = 0; i < 3; ++i) stream.Write(worker::v1::TailLogsResponse());
    return ToGrpcStatus(FailureStatus(v1::CONTAINER_GONE, "it is gone"));
  };
  int heard = 0;
  const absl::Status status = client_->TailLogs({}, Call{}, [&](const auto&) {
    ++heard;
    return true;
  });
  EXPECT_TRUE(IsFailure(status, v1::CONTAINER_GONE)) << status;
  EXPECT_EQ(heard, 3);
}

TEST_F(TailLogsTest, MakesTheWorkerWaitForASlowSink) {
  constexpr int kMessages = 500;
  absl::Notification all_written;
  worker_.on_tail_logs = [&](grpc::ServerContext&,
                             grpc::ServerWriter<worker::v1::TailLogsResponse>& stream) {
    worker::v1::TailLogsResponse message;
    message.set_data(std::string(64 << 10, 'x'));
    for (int i = 0; i < kMessages; ++i) stream.Write(message);
    all_written.Notify();
    return grpc::Status::OK;
  };
  int heard = 0;
  const absl::Status status = client_->TailLogs({}, Call{}, [&](const auto&) {
    if (++heard > 1) return true;
    // What is not read stays with the worker: gRPC's window is far smaller.
    EXPECT_FALSE(all_written.WaitForNotificationWithTimeout(absl::Milliseconds(500)));
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(heard, kMessages);
}

TEST_F(TailLogsTest, EndsWhenTheSinkWantsNoMore) {
  Script(1'000'000, true);
  int heard = 0;
  EXPECT_TRUE(client_->TailLogs({}, Call{}, [&](const auto&) { return ++heard < 3; }).ok());
  EXPECT_EQ(heard, 3);
}

TEST_F(TailLogsTest, EndsWhenItIsCancelledWhileNothingComes) {
  Script(1, true);
  CancelToken token;
  absl::Notification heard;
  std::thread canceller([&] {
    heard.WaitForNotification();
    token.Cancel();
  });
  const absl::Status status = client_->TailLogs({}, Call{.cancel = &token}, [&](const auto&) {
    heard.Notify();
    return true;
  });
  canceller.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
}

TEST_F(TailLogsTest, EndsAtTheDeadline) {
  Script(0, true);
  const Call call{.deadline = absl::Now() + absl::Milliseconds(50)};
  EXPECT_EQ(client_->TailLogs({}, call, [](const auto&) { return true; }).code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(TailLogsTest, SaysThatTheHostIsAway) {
  worker_.Stop();
  EXPECT_TRUE(IsFailure(client_->TailLogs({}, Call{}, [](const auto&) { return true; }),
                        v1::HOST_UNREACHABLE));
}

// A worker whose streams need no thread each either: what grows is the client.
class CallbackWorker final : public worker::v1::WorkerService::WithCallbackMethod_RunStep<
                                 worker::v1::WorkerService::Service> {
  class Held final : public grpc::ServerWriteReactor<worker::v1::RunStepResponse> {
   public:
    Held() : started_(StartedEvent("j")) { StartWrite(&started_); }
    void OnCancel() override { Finish(grpc::Status::CANCELLED); }
    void OnDone() override { delete this; }

   private:
    const worker::v1::RunStepResponse started_;
  };
  grpc::ServerWriteReactor<worker::v1::RunStepResponse>* RunStep(
      grpc::CallbackServerContext*, const worker::v1::RunStepRequest*) override {
    return new Held;
  }
};

size_t CountThreads() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return std::distance(begin(threads), end(threads));
}

TEST(GrpcWorkerClientThreads, AThousandStreamsNeedNoMoreThreadsThanTen) {
  std::string directory = ::testing::TempDir() + "davit-fleet-XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  CallbackWorker worker;
  auto server =
      Server::Start({.listen = {UnixAddress(directory + "/worker")}, .services = {&worker}});
  ASSERT_TRUE(server.ok()) << server.status();
  std::vector<std::shared_ptr<RecordingObserver>> observers;
  {
    GrpcWorkerClient client("web1", MakeChannel(UnixAddress(directory + "/worker")), "");
    const auto open = [&](size_t count) {
      while (observers.size() < count) {
        observers.push_back(std::make_shared<RecordingObserver>());
        client.RunStep(StepRequest(absl::StrCat("s-", observers.size())), observers.back());
      }
      for (const auto& observer : observers) observer->AwaitEvents(1);
    };
    open(10);
    const size_t before = CountThreads();
    open(1000);
    // gRPC's own pools may still add some, by the load and the number of processors.
    EXPECT_THAT(CountThreads(), Le(before + 100));
  }
  for (const auto& observer : observers) EXPECT_EQ(observer->done_calls(), 1);
  server->reset();
  std::filesystem::remove_all(directory);
}

// Pieces of a context, one after the other.
class Pieces {
 public:
  explicit Pieces(int count, size_t bytes = 1) : left_(count), piece_(bytes, 'x') {}
  absl::StatusOr<std::string> operator()() {
    if (left_ == 0) return std::string();
    --left_;
    return piece_;
  }
  int left() const { return left_; }

 private:
  int left_;
  const std::string piece_;
};

class BuildImageTest : public GrpcWorkerClientTest {
 protected:
  using Stream = ScriptedWorker::BuildStream;

  // Reads all; the bytes of the context.
  static size_t ReadAll(Stream& stream) {
    worker::v1::BuildImageRequest request;
    size_t bytes = 0;
    while (stream.Read(&request)) bytes += request.context().size();
    return bytes;
  }
  static void Say(Stream& stream, const std::string& text) {
    worker::v1::BuildImageResponse response;
    response.mutable_output()->set_data(text);
    stream.Write(response);
  }
  absl::StatusOr<v1::BuiltImage> Build(Pieces& pieces, const Call& call = {}) {
    worker::v1::BuildJob job;
    job.add_references("web:v1");
    return client_->BuildImage(
        job, [&] { return pieces(); }, call,
        [this](const v1::BuildOutput& output) {
          heard_.push_back(output.data());
          return wanted_;
        });
  }

  std::vector<std::string> heard_;
  bool wanted_ = true;
};

TEST_F(BuildImageTest, SendsEverythingAndGivesTheImage) {
  worker_.on_build_image = [](grpc::ServerContext&, Stream& stream) {
    worker::v1::BuildImageRequest first;
    EXPECT_TRUE(stream.Read(&first) && first.job().references(0) == "web:v1");
    Say(stream, std::to_string(ReadAll(stream)));
    worker::v1::BuildImageResponse response;
    response.mutable_result()->set_image_id("sha256:1");
    stream.Write(response);
    return grpc::Status::OK;
  };
  Pieces pieces(3, 1000);
  const auto built = Build(pieces);
  ASSERT_TRUE(built.ok()) << built.status();
  EXPECT_EQ(built->image_id(), "sha256:1");
  EXPECT_THAT(heard_, ElementsAre("3000"));
}

TEST_F(BuildImageTest, TakesNoMorePiecesOnceTheWorkerHasFailed) {
  worker_.on_build_image = [](grpc::ServerContext&, Stream&) {
    return ToGrpcStatus(FailureStatus(v1::BUILD_FAILED, "step 1"));
  };
  Pieces pieces(1'000'000);
  EXPECT_TRUE(IsFailure(Build(pieces).status(), v1::BUILD_FAILED));
  EXPECT_GT(pieces.left(), 0);
}

TEST_F(BuildImageTest, TakesPiecesNoFasterThanTheWorkerReads) {
  absl::Notification sent;
  worker_.on_build_image = [&](grpc::ServerContext&, Stream& stream) {
    // What is not read stays with the client: gRPC's window is far smaller.
    EXPECT_FALSE(sent.WaitForNotificationWithTimeout(absl::Milliseconds(500)));
    ReadAll(stream);
    return ToGrpcStatus(FailureStatus(v1::TEST_FAILED, "enough"));
  };
  int left = 200;
  const auto built = client_->BuildImage(
      {},
      [&]() -> absl::StatusOr<std::string> {
        if (left-- > 0) return std::string(256 << 10, 'x');
        sent.Notify();
        return std::string();
      },
      {}, [](const v1::BuildOutput&) { return true; });
  EXPECT_TRUE(IsFailure(built.status(), v1::TEST_FAILED)) << built.status();
}

TEST_F(BuildImageTest, EndsTheBuildWhenThePiecesEndWithAnError) {
  absl::Notification ended;
  worker_.on_build_image = [&](grpc::ServerContext& context, Stream& stream) {
    ReadAll(stream);
    const grpc::Status status = worker_.HoldWhile(context);
    ended.Notify();
    return status;
  };
  const auto built = client_->BuildImage(
      {}, []() -> absl::StatusOr<std::string> { return absl::CancelledError("gone"); }, {},
      [](const v1::BuildOutput&) { return true; });
  EXPECT_EQ(built.status(), absl::CancelledError("gone"));
  EXPECT_TRUE(ended.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST_F(BuildImageTest, EndsWhenItIsCancelledWhileNothingComes) {
  CancelToken token;
  worker_.on_build_image = [&](grpc::ServerContext& context, Stream& stream) {
    ReadAll(stream);
    token.Cancel();
    return worker_.HoldWhile(context);
  };
  Pieces pieces(1);
  EXPECT_TRUE(absl::IsCancelled(Build(pieces, Call{.cancel = &token}).status()));
}

TEST_F(BuildImageTest, EndsWhenNobodyListens) {
  worker_.on_build_image = [&](grpc::ServerContext& context, Stream& stream) {
    ReadAll(stream);
    Say(stream, "a");
    return worker_.HoldWhile(context);
  };
  wanted_ = false;
  Pieces pieces(1);
  EXPECT_TRUE(absl::IsCancelled(Build(pieces).status()));
}

TEST_F(BuildImageTest, AStreamThatEndsBeforeTheBuildIsAnUnreachableHost) {
  worker_.on_build_image = [](grpc::ServerContext&, Stream& stream) {
    ReadAll(stream);
    return grpc::Status::OK;
  };
  Pieces pieces(1);
  EXPECT_TRUE(IsFailure(Build(pieces).status(), v1::HOST_UNREACHABLE));
}

}  // namespace
}  // namespace davit::fleet
