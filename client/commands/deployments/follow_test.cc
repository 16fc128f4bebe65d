#include "client/commands/deployments/follow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <sstream>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client/commands/connection/connection.h"
#include "client/commands/invocation/exit_code.h"
#include "common/failure/failure.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/server.h"

namespace davit::commands {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Answers WatchDeployment as the test says.
class ScriptedService final : public v1::DeploymentService::Service {
 public:
  using Writer = grpc::ServerWriter<v1::WatchDeploymentResponse>;
  using Watch = std::function<grpc::Status(int64_t after, Writer& writer, grpc::ServerContext&)>;

  explicit ScriptedService(Watch watch) : watch_(std::move(watch)) {}

  grpc::Status WatchDeployment(grpc::ServerContext* context,
                               const v1::WatchDeploymentRequest* request, Writer* writer) override {
    return watch_(request->after_sequence(), *writer, *context);
  }

 private:
  const Watch watch_;
};

v1::Event DeploymentEvent(int64_t sequence, v1::DeploymentState state) {
  v1::Event event;
  event.set_sequence(sequence);
  event.mutable_deployment()->set_id("d-1");
  event.mutable_deployment()->set_state(state);
  return event;
}

void Send(ScriptedService::Writer& writer, const v1::Event& event) {
  v1::WatchDeploymentResponse response;
  *response.add_events() = event;
  writer.Write(response);
}

// Remembers the sequence numbers that it was told.
class RecordingReporter final : public output::Reporter {
 public:
  void OnEvent(const v1::Event& event, const output::DeploymentModel&) override {
    sequences.push_back(event.sequence());
  }
  void Tick(const output::DeploymentModel&) override {}
  void OnNotice(absl::string_view text) override { notices.emplace_back(text); }
  void Finish(const output::DeploymentModel&) override {}

  std::vector<int64_t> sequences;
  std::vector<std::string> notices;
};

class FollowTest : public ::testing::Test {
 protected:
  FollowTest() {
    std::string name = "/tmp/davit-follow-XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~FollowTest() override {
    server_.reset();
    std::filesystem::remove_all(directory_);
  }

  void Serve(ScriptedService::Watch watch) {
    server_.reset();
    service_ = std::make_unique<ScriptedService>(std::move(watch));
    auto server =
        Server::Start({.listen = {UnixAddress(directory_ + "/s")}, .services = {service_.get()}});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  FollowResult Run(FollowOptions options) {
    options.id = "d-1";
    EXPECT_TRUE(connection_.Reopen().ok());
    return Follow(connection_, reporter_, model_, options);
  }

  std::string directory_;
  std::unique_ptr<ScriptedService> service_;
  std::unique_ptr<Server> server_;
  std::function<void()> before_locating_;
  Connection connection_{[this]() -> absl::StatusOr<Endpoint> {
                           if (before_locating_) before_locating_();
                           return Endpoint{.address = UnixAddress(directory_ + "/s")};
                         },
                         " --local"};
  RecordingReporter reporter_;
  output::DeploymentModel model_;
};

TEST_F(FollowTest, TellsEveryEventUntilTheEnd) {
  Serve([](int64_t, ScriptedService::Writer& writer, grpc::ServerContext&) {
    Send(writer, DeploymentEvent(1, v1::PENDING));
    Send(writer, DeploymentEvent(2, v1::RUNNING));
    Send(writer, DeploymentEvent(3, v1::SUCCEEDED));
    return grpc::Status::OK;
  });
  EXPECT_EQ(Run({}).end, FollowEnd::kEnded);
  EXPECT_THAT(reporter_.sequences, ElementsAre(1, 2, 3));
  EXPECT_EQ(model_.deployment().state(), v1::SUCCEEDED);
}

TEST_F(FollowTest, GoesOnWhereABrokenStreamEndedAndTellsNothingTwice) {
  Serve([](int64_t after, ScriptedService::Writer& writer, grpc::ServerContext&) {
    if (after == 0) {
      Send(writer, DeploymentEvent(1, v1::PENDING));
      Send(writer, DeploymentEvent(2, v1::RUNNING));
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "killed");
    }
    EXPECT_EQ(after, 2);
    Send(writer, DeploymentEvent(2, v1::RUNNING));
    Send(writer, DeploymentEvent(3, v1::ROLLED_BACK));
    return grpc::Status::OK;
  });
  EXPECT_EQ(Run({}).end, FollowEnd::kEnded);
  EXPECT_THAT(reporter_.sequences, ElementsAre(1, 2, 3));
  EXPECT_EQ(reporter_.notices.size(), 1u);
}

TEST_F(FollowTest, LocatesTheControllerAgainWhenItIsGone) {
  int located = 0;
  before_locating_ = [&] {
    if (++located != 2) return;
    Serve([](int64_t, ScriptedService::Writer& writer, grpc::ServerContext&) {
      Send(writer, DeploymentEvent(1, v1::SUCCEEDED));
      return grpc::Status::OK;
    });
  };
  EXPECT_EQ(Run({}).end, FollowEnd::kEnded);
  EXPECT_EQ(located, 2) << "once at the beginning, once when nobody answered";
}

TEST_F(FollowTest, GivesUpWhenTheControllerIsSilentForTooLong) {
  const FollowResult result =
      Run({.patience = absl::Milliseconds(100), .tick = absl::Milliseconds(1)});
  EXPECT_EQ(result.end, FollowEnd::kLost);
  EXPECT_TRUE(IsFailure(result.error, v1::CONTROLLER_UNREACHABLE));
}

TEST_F(FollowTest, GivesTheCommandsOfFailuresTheOptionsThatLeadHere) {
  Serve([](int64_t, ScriptedService::Writer& writer, grpc::ServerContext&) {
    v1::Event event = DeploymentEvent(1, v1::FAILED);
    event.mutable_deployment()->mutable_failure()->set_next_command("look at `davit show d-1`");
    Send(writer, event);
    return grpc::Status::OK;
  });
  EXPECT_EQ(Run({}).end, FollowEnd::kEnded);
  EXPECT_EQ(model_.deployment().failure().next_command(), "look at `davit show d-1 --local`");
}

TEST_F(FollowTest, LeavesTheJournalAsItCameForPrograms) {
  Serve([](int64_t, ScriptedService::Writer& writer, grpc::ServerContext&) {
    v1::Event event = DeploymentEvent(1, v1::FAILED);
    event.mutable_deployment()->mutable_failure()->set_next_command("look at `davit show d-1`");
    Send(writer, event);
    return grpc::Status::OK;
  });
  EXPECT_EQ(Run({.complete_commands = false}).end, FollowEnd::kEnded);
  EXPECT_EQ(model_.deployment().failure().next_command(), "look at `davit show d-1`");
}

TEST_F(FollowTest, SaysWhatTheControllersSilenceIsAbout) {
  const FollowResult result =
      Run({.patience = absl::Milliseconds(100), .tick = absl::Milliseconds(1)});
  ASSERT_EQ(result.end, FollowEnd::kLost);
  EXPECT_THAT(FailureOf(result.error).evidence(), Not(IsEmpty()));
  EXPECT_THAT(FailureOf(result.error).message(), HasSubstr("unix:" + directory_ + "/s"));
}

TEST_F(FollowTest, TakesARefusalForAnAnswer) {
  Serve([](int64_t, ScriptedService::Writer&, grpc::ServerContext&) {
    return ToGrpcStatus(FailureStatus(v1::NOT_FOUND, "no deployment d-1"));
  });
  const FollowResult result = Run({});
  EXPECT_EQ(result.end, FollowEnd::kLost);
  EXPECT_TRUE(IsFailure(result.error, v1::NOT_FOUND));
}

// A controller that says nothing more after its first event.
class SilentControllerTest : public FollowTest {
 protected:
  SilentControllerTest() {
    Serve([over = over_](int64_t, ScriptedService::Writer& writer, grpc::ServerContext&) {
      Send(writer, DeploymentEvent(1, v1::RUNNING));
      over->WaitForNotificationWithTimeout(absl::Seconds(30));
      return grpc::Status::OK;
    });
  }
  ~SilentControllerTest() override { over_->Notify(); }

  // The server's too: a call may come to it when the test is over.
  const std::shared_ptr<absl::Notification> over_ = std::make_shared<absl::Notification>();
};

TEST_F(SilentControllerTest, IsLeftWhenTheUserWantsToWithoutWaitingForAnEvent) {
  const FollowResult result = Run({.tick = absl::Milliseconds(1),
                                   .interrupted = [this] { return !reporter_.sequences.empty(); }});
  EXPECT_EQ(result.end, FollowEnd::kInterrupted);
}

TEST_F(SilentControllerTest, IsLeftAtTheDeadlineOfTheWatching) {
  const FollowResult result =
      Run({.deadline = absl::Now() + absl::Milliseconds(50), .tick = absl::Milliseconds(1)});
  EXPECT_EQ(result.end, FollowEnd::kTimedOut);
}

TEST_F(SilentControllerTest, IsLeftWithAWordOnHowToComeBack) {
  ASSERT_TRUE(connection_.Reopen().ok());
  std::ostringstream out;
  std::ostringstream err;
  Invocation invocation{.out = out, .err = err, .variable = [](const std::string&) {
                          return std::optional<std::string>();
                        }};
  EXPECT_EQ(FollowToExitCode(invocation, connection_, "d-1", absl::Now(), [] { return false; }),
            kWatchingEnded);
  EXPECT_THAT(err.str(), HasSubstr("follow it with: davit watch d-1 --local\n"));
  EXPECT_THAT(err.str(), HasSubstr("cancel it with: davit cancel d-1 --local\n"));
}

TEST_F(FollowTest, SaysWhereToLookWhenAHumanIsNeeded) {
  Serve([](int64_t, ScriptedService::Writer& writer, grpc::ServerContext&) {
    Send(writer, DeploymentEvent(1, v1::NEEDS_ATTENTION));
    return grpc::Status::OK;
  });
  ASSERT_TRUE(connection_.Reopen().ok());
  std::ostringstream out;
  std::ostringstream err;
  Invocation invocation{.out = out, .err = err, .variable = [](const std::string&) {
                          return std::optional<std::string>();
                        }};
  EXPECT_EQ(FollowToExitCode(invocation, connection_, "d-1", absl::InfiniteFuture(), {}),
            kNeedsAttention);
  EXPECT_THAT(err.str(), HasSubstr("see what happened with: davit show d-1 --local\n"));
}

}  // namespace
}  // namespace davit::commands
