#include "client/commands/follow.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/commands/event_stream.h"
#include "client/commands/exit_code.h"
#include "client/commands/reporters.h"

namespace davit::commands {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(2);

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
      if (const std::optional<v1::Event> event = stream.Next(options_.tick)) {
        Take(*event);
      } else {
        reporter_.Tick(model_);
      }
      if (const auto end = stream.End()) return Judge(*end);
      if (const auto left = Leaving()) return left;
    }
  }

  void Take(const v1::Event& event) {
    last_answer_ = absl::Now();
    pause_ = kFirstPause;
    if (model_.Apply(event)) reporter_.OnEvent(event, model_);
  }

  std::optional<FollowResult> Judge(const grpc::Status& end) {
    if (model_.ended()) return FollowResult{FollowEnd::kEnded, {}};
    error_ = connection_.Explain(end);
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
    reporter_.OnNotice("the controller's answer broke off; asking again");
    while (true) {
      const absl::Time until = absl::Now() + pause_;
      pause_ = std::min(pause_ * 2, kLongestPause);
      while (absl::Now() < until) {
        if (const auto left = Leaving()) return left;
        absl::SleepFor(std::min(options_.tick, until - absl::Now()));
        reporter_.Tick(model_);
      }
      if (absl::Now() - last_answer_ > options_.patience) return Lost();
      if (const absl::Status status = connection_.Reopen(); status.ok())
        return std::nullopt;
      else
        error_ = status;
    }
  }

  FollowResult Lost() const {
    if (!error_.ok()) return {FollowEnd::kLost, error_};
    return {FollowEnd::kLost, absl::UnavailableError("the controller does not answer")};
  }

  Connection& connection_;
  output::Reporter& reporter_;
  output::DeploymentModel& model_;
  const FollowOptions& options_;
  absl::Status error_;
  absl::Time last_answer_ = absl::Now();
  absl::Duration pause_ = kFirstPause;
};

void TellHowToComeBack(std::ostream& err, const Connection& connection, const std::string& id) {
  err << "deployment " << id << " goes on; follow it with: davit watch " << id
      << connection.suffix() << "\n"
      << "cancel it with: davit cancel " << id << connection.suffix() << std::endl;
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
                    {.id = id, .deadline = deadline, .interrupted = interrupted});
    reporter->Finish(model);
  }
  switch (result.end) {
    case FollowEnd::kEnded:
      return ExitCodeOf(model.deployment());
    case FollowEnd::kInterrupted:
    case FollowEnd::kTimedOut:
      TellHowToComeBack(invocation.err, connection, id);
      return kWatchingEnded;
    case FollowEnd::kLost:
      break;
  }
  const int code = invocation.Fail(result.error);
  if (code == kUnreachable) TellHowToComeBack(invocation.err, connection, id);
  return code;
}

}  // namespace davit::commands
