// What the service itself asks of a real engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "tests/support/docker.h"
#include "tests/support/unique.h"
#include "worker/service/service_fixture.h"

namespace davit::service {
namespace {

class DockerServiceTest : public ServiceTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(test::ImportBusyboxImage(image_.reference(), {}).ok());
    Start([](const auto&, const auto&, auto&) { return Done(); }, test::DockerSocket());
  }
  void Run(const std::string& script) {
    worker::v1::ContainerSpec spec;
    spec.set_image(image_.reference());
    for (const std::string& word : {std::string("/bin/sh"), std::string("-c"), script}) {
      spec.add_command(word);
    }
    spec.mutable_labels()->insert(labels_.begin(), labels_.end());
    (*spec.mutable_labels())["davit.test"] = container_.name();
    docker::Engine& engine = test::TestEngine();
    const auto id = engine.CreateContainer(container_.name(), spec, "no", test::TestCall());
    ASSERT_TRUE(id.ok()) << id.status();
    ASSERT_TRUE(engine.StartContainer(*id, test::TestCall()).ok());
  }
  // Until the container has written that many lines.
  void AwaitLines(int lines) {
    docker::LogOptions options;
    options.follow = true;
    const absl::Status status =
        test::TestEngine().Logs(container_.name(), options, test::TestCall(),
                                [&lines](const docker::LogLine&) { return --lines > 0; });
    ASSERT_TRUE(status.ok()) << status;
  }
  worker::v1::TailLogsRequest Tail(int lines, bool follow) const {
    worker::v1::TailLogsRequest request;
    request.set_container(container_.name());
    request.set_tail(lines);
    request.set_follow(follow);
    return request;
  }

  const test::ScopedImage image_{test::UniqueName("davit-service") + ":v1"};
  std::map<std::string, std::string> labels_;
  const test::ScopedContainer container_{test::UniqueName("davit-service")};
};

TEST_F(DockerServiceTest, TailsTheOutputOfAContainer) {
  Run("echo one; echo two; echo three; sleep 1000");
  AwaitLines(3);
  grpc::ClientContext context;
  auto reader = stub_->TailLogs(&context, Tail(2, true));
  std::string output;
  for (worker::v1::TailLogsResponse message; output.size() < 10 && reader->Read(&message);) {
    EXPECT_EQ(message.stream(), v1::STDOUT);
    output += message.data();
  }
  EXPECT_EQ(output, "two\nthree\n");
}

TEST_F(DockerServiceTest, TailsAFloodInFewMessagesAndLosesNothing) {
  constexpr int kLines = 20'000;
  Run(absl::StrCat("seq ", kLines, "; sleep 1000"));
  AwaitLines(kLines);
  std::string expected;
  for (int i = 1; i <= kLines; ++i) absl::StrAppend(&expected, i, "\n");
  for (const int tail : {kLines, std::numeric_limits<int32_t>::max()}) {
    grpc::ClientContext context;
    auto reader = stub_->TailLogs(&context, Tail(tail, false));
    std::string output;
    int messages = 0;
    for (worker::v1::TailLogsResponse message; reader->Read(&message); ++messages) {
      output += message.data();
    }
    EXPECT_TRUE(reader->Finish().ok());
    EXPECT_TRUE(output == expected) << output.size() << " of " << expected.size() << " bytes";
    EXPECT_LT(messages, kLines / 10);
  }
}

// Docker keeps long lines in parts of 16 KiB.
TEST_F(DockerServiceTest, MasksSecretsInATailWhereverTheEngineCutsIt) {
  const std::string secret = "correct/horse battery";
  Run(absl::StrCat("head -c 16374 /dev/zero | tr '\\0' x; printf '%s' '", secret, "'; echo .; ",
                   "printf correct; sleep 0.2; echo '/horse battery'; echo correct; sleep 1000"));
  AwaitLines(3);
  grpc::ClientContext context;
  worker::v1::TailLogsRequest request = Tail(10, true);
  request.add_secrets(secret);
  auto reader = stub_->TailLogs(&context, request);
  const std::string expected = absl::StrCat(std::string(16374, 'x'), "***.\n***\ncorrect\n");
  std::string output;
  for (worker::v1::TailLogsResponse message;
       output.size() < expected.size() && reader->Read(&message);) {
    output += message.data();
  }
  EXPECT_TRUE(output == expected) << output.substr(output.find_first_not_of('x'));
}

TEST_F(DockerServiceTest, EndsATailSoonAfterItsCallerHasGone) {
  Run("echo one; sleep 1000");
  AwaitLines(1);
  grpc::ClientContext context;
  auto reader = stub_->TailLogs(&context, Tail(1, true));
  worker::v1::TailLogsResponse message;
  ASSERT_TRUE(reader->Read(&message));
  context.TryCancel();
  // The server's shutdown waits for its handlers: it takes as long as they do.
  const absl::Time begin = absl::Now();
  server_->Shutdown(begin + absl::Seconds(60));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(30)) << "by itself";
}

TEST_F(DockerServiceTest, EndsATailWithTheContainer) {
  Run("echo one");
  grpc::ClientContext context;
  auto reader = stub_->TailLogs(&context, Tail(10, true));
  worker::v1::TailLogsResponse message;
  while (reader->Read(&message)) EXPECT_EQ(message.data(), "one\n");
  EXPECT_TRUE(FromGrpcStatus(reader->Finish()).ok());
}

TEST_F(DockerServiceTest, FollowsAContainerThatIsStartedAgainAndRepeatsNothing) {
  Run("test -e /again && echo two || echo one; touch /again; sleep 1000");
  grpc::ClientContext context;
  auto reader = stub_->TailLogs(&context, Tail(10, true));
  worker::v1::TailLogsResponse message;
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.data(), "one\n");
  docker::Engine& engine = test::TestEngine();
  ASSERT_TRUE(engine.StopContainer(container_.name(), absl::ZeroDuration(), test::TestCall()).ok());
  ASSERT_TRUE(engine.StartContainer(container_.name(), test::TestCall()).ok());
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.data(), "two\n");
  ASSERT_TRUE(engine.StopContainer(container_.name(), absl::ZeroDuration(), test::TestCall()).ok());
  EXPECT_FALSE(reader->Read(&message)) << message.data();
  EXPECT_TRUE(FromGrpcStatus(reader->Finish()).ok());
}

TEST_F(DockerServiceTest, SaysThatThereIsNoSuchContainer) {
  grpc::ClientContext context;
  auto reader = stub_->TailLogs(&context, Tail(1, false));
  worker::v1::TailLogsResponse message;
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_TRUE(IsFailure(FromGrpcStatus(reader->Finish()), v1::CONTAINER_GONE));
}

// The app as the newest reports have it, once `state` is what they say.
v1::HostApp AwaitState(HostStream& stream, const std::string& project, const std::string& state) {
  for (worker::v1::WatchHostResponse report; !(report = stream.Next()).journal_id().empty();) {
    for (const v1::HostApp& app : report.apps()) {
      if (app.project() == project && app.state() == state) return app;
    }
  }
  return {};
}

TEST_F(DockerServiceTest, ReportsWhatBecomesOfAContainer) {
  labels_ = {{"davit.project", container_.name()}, {"davit.app", "web"}, {"davit.release", "3"}};
  Run("trap 'exit 0' TERM; while :; do sleep 0.1; done");
  HostStream stream(*stub_);
  const v1::HostApp running = AwaitState(stream, container_.name(), "running");
  EXPECT_EQ(running.container(), container_.name());
  EXPECT_EQ(running.app(), "web");
  EXPECT_EQ(running.release(), 3);
  EXPECT_GT(running.start_time().seconds(), 0);
  docker::Engine& engine = test::TestEngine();
  ASSERT_TRUE(engine.StopContainer(container_.name(), absl::Seconds(10), test::TestCall()).ok());
  EXPECT_EQ(AwaitState(stream, container_.name(), "exited").container(), container_.name());
}

TEST_F(DockerServiceTest, ListsTheContainersThatWereAskedFor) {
  Run("sleep 1000");
  grpc::ClientContext context;
  worker::v1::GetHostRequest request;
  worker::v1::GetHostResponse host;
  (*request.mutable_container_labels())["davit.test"] = container_.name();
  ASSERT_TRUE(stub_->GetHost(&context, request, &host).ok());
  EXPECT_FALSE(host.docker_version().empty());
  EXPECT_FALSE(host.has_docker_failure());
  ASSERT_EQ(host.containers_size(), 1);
  EXPECT_EQ(host.containers(0).name(), container_.name());
}

// --- Builds. ---

class DockerBuildsTest : public DockerServiceTest {
 protected:
  using Stream =
      grpc::ClientReaderWriter<worker::v1::BuildImageRequest, worker::v1::BuildImageResponse>;

  // One that has sent its job, and nothing of its context.
  std::unique_ptr<Stream> Begin(grpc::ClientContext& context) {
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    auto stream = stub_->BuildImage(&context);
    worker::v1::BuildImageRequest request;
    request.mutable_job()->mutable_build()->set_dockerfile("Dockerfile");
    request.mutable_job()->add_references(container_.name() + ":built");
    stream->Write(request);
    return stream;
  }
  static absl::Status End(Stream& stream) {
    for (worker::v1::BuildImageResponse response; stream.Read(&response);) continue;
    return FromGrpcStatus(stream.Finish());
  }
};

class ImpatientDockerBuildsTest : public DockerBuildsTest {
 protected:
  ImpatientDockerBuildsTest() { builds_.piece_patience = absl::Milliseconds(100); }
};

TEST_F(ImpatientDockerBuildsTest, EndsABuildWhoseContextStalls) {
  grpc::ClientContext context;
  const auto stream = Begin(context);
  const absl::Status status = End(*stream);
  EXPECT_TRUE(IsFailure(status, v1::STEP_STALLED)) << status;
}

class OneDockerBuildTest : public DockerBuildsTest {
 protected:
  OneDockerBuildTest() { builds_.most = 1; }
};

TEST_F(OneDockerBuildTest, RefusesMoreBuildsThanItMayHaveAtATime) {
  grpc::ClientContext first_context;
  const auto first = Begin(first_context);
  worker::v1::BuildImageResponse begun;  // its first stage
  ASSERT_TRUE(first->Read(&begun));
  grpc::ClientContext second_context;
  const auto second = Begin(second_context);
  const absl::Status refused = End(*second);
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_THAT(FailureOf(refused).message(), testing::HasSubstr("the worker has 1 builds"));
  first_context.TryCancel();
  End(*first).IgnoreError();
}

}  // namespace
}  // namespace davit::service
