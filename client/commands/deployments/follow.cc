#include "client/commands/deployments/follow.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/commands/deployments/event_stream.h"
#include "client/commands/deployments/reporters.h"
#include "client/commands/invocation/exit_code.h"
#include "client/output/next_command.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(2);
// After this long without an event the controller is asked whether it is there.
constexpr absl::Duration kSilence = absl::Seconds(20);

// The watching of one deployment, over as many streams as it takes.
class Watch {
 public:
  Watch(Connection& connection, output::Reporter& reporter, output::DeploymentModel& model,
        const FollowOptions& options)
      : connection_(connection), reporter_(reporter), model_(model), options_(options) {}

  FollowResult Run() {
    while (true) {
      if (std::optional<FollowResult> result = ReadStream()) return *result;
      if (std::optional<FollowResult> result = Reconnect()) return *result;
    }
  }

 private:
  // Reads one stream to its end. nullopt when it broke.
  std::optional<FollowResult> ReadStream() {
    EventStream stream(connection_.stub(), options_.id, model_.last_sequence());
    while (true) {
      if (std::optional<v1::Event> event = stream.Next(options_.tick)) {
        Take(*event);
      } else {
        reporter_.Tick(model_);
      }
      if (const auto end = stream.End()) return Judge(*end);
      if (const auto left = Leaving()) return left;
      if (!IsAlive()) return std::nullopt;
    }
  }

  void Take(v1::Event& event) {
    last_answer_ = absl::Now();
    pause_ = kFirstPause;
    told_ = false;
    if (options_.complete_commands) output::CompleteCommands(event, connection_.suffix());
    if (model_.Apply(event)) reporter_.OnEvent(event, model_);
  }

  // A step may be silent for long; a controller that hangs must not pass for one.
  bool IsAlive() {
    if (absl::Now() - last_answer_ < kSilence) return true;
    error_ = connection_.Probe();
    if (error_.ok()) last_answer_ = absl::Now();
    return error_.ok();
  }

  std::optional<FollowResult> Judge(const grpc::Status& end) {
    if (model_.ended()) return FollowResult{FollowEnd::kEnded, {}};
    error_ = connection_.Explain(end, "WatchDeployment");
    switch (end.error_code()) {
      case grpc::StatusCode::OK:
      case grpc::StatusCode::UNAVAILABLE:
      case grpc::StatusCode::CANCELLED:
      case grpc::StatusCode::UNKNOWN:
      case grpc::StatusCode::INTERNAL:
      case grpc::StatusCode::RESOURCE_EXHAUSTED:
      case grpc::StatusCode::DEADLINE_EXCEEDED:
        return std::nullopt;
      default:
        return FollowResult{FollowEnd::kLost, error_};
    }
  }

  std::optional<FollowResult> Leaving() const {
    if (options_.interrupted && options_.interrupted()) {
      return FollowResult{FollowEnd::kInterrupted, {}};
    }
    if (absl::Now() >= options_.deadline) return FollowResult{FollowEnd::kTimedOut, {}};
    return std::nullopt;
  }

  // Waits a little, then locates the controller again. nullopt: read on.
  std::optional<FollowResult> Reconnect() {
    if (!std::exchange(told_, true)) {
      reporter_.OnNotice("the controller's answer broke off; asking again");
    }
    while (true) {
      const absl::Time until = absl::Now() + pause_;
      pause_ = std::min(pause_ * 2, kLongestPause);
      while (absl::Now() < until) {
        if (const auto left = Leaving()) return left;
        absl::SleepFor(std::min(options_.tick, until - absl::Now()));
        reporter_.Tick(model_);
      }
      if (absl::Now() - last_answer_ > options_.patience) return Lost();
      const absl::Status reopened = connection_.Reopen();
      if (reopened.ok()) return std::nullopt;
      error_ = reopened;
    }
  }

  FollowResult Lost() const {
    if (!error_.ok()) return {FollowEnd::kLost, connection_.Diagnose(error_)};
    return {FollowEnd::kLost, FailureStatus(v1::CONTROLLER_UNREACHABLE,
                                            "the controller ends its answer again and again")};
  }

  Connection& connection_;
  output::Reporter& reporter_;
  output::DeploymentModel& model_;
  const FollowOptions& options_;
  absl::Status error_;
  absl::Time last_answer_ = absl::Now();
  absl::Duration pause_ = kFirstPause;
  bool told_ = false;
};

void TellHowToComeBack(const Invocation& invocation, const Connection& connection,
                       const std::string& id) {
  invocation.Tell(absl::StrCat("deployment ", id, " goes on; follow it with: davit watch ", id,
                               connection.suffix()));
  invocation.Tell(absl::StrCat("cancel it with: davit cancel ", id, connection.suffix()));
}

}  // namespace

FollowResult Follow(Connection& connection, output::Reporter& reporter,
                    output::DeploymentModel& model, const FollowOptions& options) {
  return Watch(connection, reporter, model, options).Run();
}

int FollowToExitCode(const Invocation& invocation, Connection& connection, const std::string& id,
                     absl::Time deadline, const std::function<bool()>& interrupted) {
  output::DeploymentModel model;
  FollowResult result;
  {
    const std::unique_ptr<output::Reporter> reporter = ChooseReporter(invocation);
    result = Follow(connection, *reporter, model,
                    {.id = id,
                     .deadline = deadline,
                     .interrupted = interrupted,
                     .complete_commands = !invocation.common.json});
    reporter->Finish(model);
  }
  switch (result.end) {
    case FollowEnd::kEnded:
      if (model.deployment().state() == v1::NEEDS_ATTENTION) {
        invocation.Tell(
            absl::StrCat("see what happened with: davit show ", id, connection.suffix()));
      }
      return ExitCodeOf(model.deployment());
    case FollowEnd::kInterrupted:
    case FollowEnd::kTimedOut:
      TellHowToComeBack(invocation, connection, id);
      return kWatchingEnded;
    case FollowEnd::kLost:
      break;
  }
  const int code = invocation.Fail(result.error, id);
  if (code == kUnreachable) TellHowToComeBack(invocation, connection, id);
  return code;
}

}  // namespace davit::commands
