#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "absl/synchronization/notification.h"
#include "common/failure/failure.h"
#include "common/rpc/grpc_status.h"
#include "controller/api/testing/test_controller.h"

namespace davit::api {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using worker::v1::TailLogsRequest;
using worker::v1::TailLogsResponse;

using WorkerSink = absl::FunctionRef<bool(const TailLogsResponse&)>;

class TailLogsTest : public ::testing::Test {
 protected:
  TailLogsTest() {
    controller_.Put("d-1", v1::SUCCEEDED);
    controller_.PutLive("web", 7);
    request_.set_project("shop");
    request_.set_environment("dev");
    request_.set_app("web");
    Says("web1", {"hello from web1\n"});
    Says("web2", {"hello from web2\n"});
  }

  static bool Put(WorkerSink sink, const std::string& line) {
    TailLogsResponse message;
    message.set_stream(v1::STDOUT);
    message.set_data(line);
    return sink(message);
  }

  void Says(const std::string& host, std::vector<std::string> lines) {
    controller_.worker(host).on_tail_logs = [lines](const TailLogsRequest& request, const Call&,
                                                    WorkerSink sink) {
      EXPECT_EQ(request.container(), "shop-web");
      for (const std::string& line : lines) {
        if (!Put(sink, line)) break;
      }
      return absl::OkStatus();
    };
  }
  void Fails(const std::string& host) {
    controller_.worker(host).on_tail_logs = [host](const TailLogsRequest&, const Call&,
                                                   WorkerSink) {
      return FailureStatus(v1::HOST_UNREACHABLE, host + " is away");
    };
  }

  // All lines as host: text, and how the call ended.
  std::pair<std::vector<std::string>, absl::Status> Tail() {
    const auto context = Patiently();
    const auto stream = controller_.stub().TailLogs(context.get(), request_);
    v1::TailLogsResponse message;
    std::vector<std::string> lines;
    while (stream->Read(&message)) {
      lines.push_back(absl::StrCat(message.host(), ": ", message.data()));
    }
    return {lines, FromGrpcStatus(stream->Finish())};
  }

  TestController controller_;
  v1::TailLogsRequest request_;
};

TEST_F(TailLogsTest, MixesTheLinesOfAllHosts) {
  const auto [lines, status] = Tail();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(lines, UnorderedElementsAre("web1: hello from web1\n", "web2: hello from web2\n"));
}

TEST_F(TailLogsTest, AsksForAHundredLinesWhenNoNumberIsGiven) {
  for (const char* host : {"web1", "web2"}) {
    controller_.worker(host).on_tail_logs = [](const TailLogsRequest& request, const Call&,
                                               WorkerSink) {
      EXPECT_EQ(request.tail(), 100);
      return absl::OkStatus();
    };
  }
  EXPECT_TRUE(Tail().second.ok());
}

TEST_F(TailLogsTest, AsksForAsManyLinesAsAreWanted) {
  for (const char* host : {"web1", "web2"}) {
    controller_.worker(host).on_tail_logs = [](const TailLogsRequest& request, const Call&,
                                               WorkerSink) {
      EXPECT_EQ(request.tail(), 5'000'000);
      return absl::OkStatus();
    };
  }
  request_.set_tail(5'000'000);
  EXPECT_TRUE(Tail().second.ok());
}

TEST_F(TailLogsTest, ShowsTheOthersWhenAHostIsAwayAndFailsThen) {
  Fails("web2");
  const auto [lines, status] = Tail();
  EXPECT_THAT(lines, UnorderedElementsAre("web1: hello from web1\n"));
  EXPECT_TRUE(IsFailure(status, v1::HOST_UNREACHABLE)) << status;
  EXPECT_EQ(FailureOf(status).message(), "web2 is away");
}

TEST_F(TailLogsTest, TellsAFollowerAtOnceOfAHostThatIsAway) {
  controller_.worker("web1").on_tail_logs = [](const TailLogsRequest&, const Call& call,
                                               WorkerSink) {
    EXPECT_TRUE(call.cancel->WaitUntil(absl::Now() + absl::Seconds(20)));
    return call.Check();
  };
  Fails("web2");
  request_.set_follow(true);
  const auto context = Patiently();
  const auto stream = controller_.stub().TailLogs(context.get(), request_);
  v1::TailLogsResponse message;
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.host(), "web2");
  EXPECT_EQ(message.stream(), v1::LOG_STREAM_UNSPECIFIED);
  EXPECT_EQ(message.data(), "web2 is away\n");
  context->TryCancel();
  stream->Finish();
}

TEST_F(TailLogsTest, FollowsTheNextReleaseFromItsBeginning) {
  controller_.worker("web1").on_tail_logs = [](const TailLogsRequest& request, const Call& call,
                                               WorkerSink sink) {
    if (request.tail() == 0) return absl::OkStatus();  // the old one, which is not back
    const bool is_first = request.tail() == 100;
    Put(sink, is_first ? "old\n" : "new\n");
    if (is_first) return absl::OkStatus();
    EXPECT_EQ(request.tail(), std::numeric_limits<int32_t>::max());
    EXPECT_TRUE(call.cancel->WaitUntil(absl::Now() + absl::Seconds(20)));
    return call.Check();
  };
  Fails("web2");
  request_.set_follow(true);
  const auto context = Patiently();
  const auto stream = controller_.stub().TailLogs(context.get(), request_);
  std::vector<std::string> lines;
  for (v1::TailLogsResponse message; stream->Read(&message);) {
    if (message.host() != "web1") continue;
    lines.push_back(message.data());
    if (message.stream() == v1::LOG_STREAM_UNSPECIFIED) controller_.PutLive("web", 8);
    if (message.data() == "new\n") context->TryCancel();
  }
  stream->Finish();
  EXPECT_THAT(lines, ElementsAre("old\n",
                                 "the container of web on host web1 has ended; waiting for the "
                                 "next one\n",
                                 "new\n"));
}

TEST_F(TailLogsTest, TellsTheErrorsOfAllHosts) {
  Fails("web1");
  Fails("web2");
  const v1::Failure failure = FailureOf(Tail().second);
  ASSERT_THAT(failure.parts(), SizeIs(2));
  EXPECT_EQ(failure.parts(0).message(), "web1 is away");
  EXPECT_EQ(failure.parts(1).message(), "web2 is away");
}

TEST_F(TailLogsTest, FailsWhenNoHostAnswers) {
  Fails("web1");
  Fails("web2");
  EXPECT_TRUE(IsFailure(Tail().second, v1::HOST_UNREACHABLE));
}

TEST_F(TailLogsTest, EndsOnEveryHostWhenTheClientGoes) {
  absl::Notification ended;
  for (const char* host : {"web1", "web2"}) {
    controller_.worker(host).on_tail_logs = [&, host](const TailLogsRequest&, const Call& call,
                                                      WorkerSink sink) {
      Put(sink, "line\n");
      EXPECT_TRUE(call.cancel->WaitUntil(absl::Now() + absl::Seconds(20)));
      if (host == std::string("web2")) ended.Notify();
      return call.Check();
    };
  }
  request_.set_follow(true);
  const auto context = Patiently();
  const auto stream = controller_.stub().TailLogs(context.get(), request_);
  v1::TailLogsResponse message;
  EXPECT_TRUE(stream->Read(&message));
  context->TryCancel();
  EXPECT_TRUE(ended.WaitForNotificationWithTimeout(absl::Seconds(20)));
  while (stream->Read(&message)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(TailLogsTest, AsksTheHostsOfTheAppWhateverFailedSince) {
  state::v1::DeploymentRecord record;
  record.mutable_view()->set_id("d-2");
  record.mutable_view()->set_project("shop");
  record.mutable_view()->set_environment("dev");
  record.mutable_view()->set_state(v1::FAILED);
  record.mutable_view()->add_hosts("web1");
  record.set_request_id("request of d-2");
  ASSERT_TRUE(
      controller_.store().Update([&](auto& txn) { return txn.PutDeployment(record); }).ok());
  EXPECT_THAT(Tail().first, SizeIs(2));
}

TEST_F(TailLogsTest, SaysThatTheAppIsNotLiveAndWhichOnesAre) {
  request_.set_app("wbe");
  const absl::Status status = Tail().second;
  EXPECT_TRUE(IsFailure(status, v1::NOT_FOUND));
  EXPECT_THAT(FailureOf(status).evidence(), Contains(HasSubstr("web")));
}

TEST_F(TailLogsTest, RefusesABadRequest) {
  request_.set_tail(-1);
  EXPECT_TRUE(IsFailure(Tail().second, v1::SPEC_INVALID));
  request_.Clear();
  EXPECT_TRUE(IsFailure(Tail().second, v1::SPEC_INVALID));
}

}  // namespace
}  // namespace davit::api
