#include "worker/database/connection/wait.h"

#include <utility>

namespace davit::database {
namespace {

// A pooler lets in before it has a server: only an answer shows that one is there.
absl::StatusOr<std::unique_ptr<Connection>> ConnectAndAsk(const ConnectFunction& connect,
                                                          const Call& call) {
  absl::StatusOr<std::unique_ptr<Connection>> connection = connect(call);
  if (!connection.ok()) return connection;
  const absl::StatusOr<QueryResult> answer = (*connection)->Query("SELECT 1", call);
  if (answer.ok()) return connection;
  if (const absl::Status ended = call.Check(); !ended.ok()) return ended;
  const std::string state = SqlState(answer.status());
  return ConnectStatus(ReasonFor(state, answer.status().message()), answer.status().message(),
                       state);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> WaitForDatabase(
    const DatabaseUrl& url, const WaitOptions& options, const Call& call,
    absl::FunctionRef<void(const FailedAttempt&)> report, const ConnectFunction& connect,
    const PauseFunction& pause) {
  for (int number = 1;; ++number) {
    absl::StatusOr<std::unique_ptr<Connection>> connection = ConnectAndAsk(connect, call);
    if (connection.ok()) return connection;
    if (const absl::Status ended = call.Check(); !ended.ok()) return ended;
    const ConnectProblem problem = Explain(connection.status(), url);
    const bool last = number >= options.attempts || !MayPass(problem.reason);
    report({.number = number, .attempts = options.attempts, .problem = problem, .last = last});
    if (last) return connection;
    if (const absl::Status ended = pause(options.interval, call); !ended.ok()) return ended;
  }
}

absl::StatusOr<std::unique_ptr<Connection>> WaitForDatabase(
    const DatabaseUrl& url, const WaitOptions& options, const ConnectOptions& connect_options,
    const Call& call, absl::FunctionRef<void(const FailedAttempt&)> report) {
  return WaitForDatabase(
      url, options, call, report,
      [&url, &connect_options](const Call& c) { return Connect(url, connect_options, c); },
      [](absl::Duration interval, const Call& c) { return c.Wait(interval); });
}

}  // namespace davit::database
