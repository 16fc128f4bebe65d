#ifndef DAVIT_WORKER_DATABASE_CONNECTION_WAIT_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_WAIT_H_

#include <functional>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "worker/database/connection/connect_reason.h"
#include "worker/database/connection/connection.h"

namespace davit::database {

struct WaitOptions {
  int attempts = 30;
  // From the end of one try to the start of the next.
  absl::Duration interval = absl::Seconds(1);
};

// A try that failed.
struct FailedAttempt {
  int number = 0;  // from 1
  int attempts = 0;
  ConnectProblem problem;
  bool last = false;  // there is no further one
};

// Makes one connection; Connect() of a URL, in the program.
using ConnectFunction =
    std::function<absl::StatusOr<std::unique_ptr<Connection>>(const Call& call)>;
// Waits between two tries; Call::Wait(), in the program.
using PauseFunction = std::function<absl::Status(absl::Duration interval, const Call& call)>;

// Tries until the database lets a session in and answers a query, and returns that
// session. Each failed try is reported at once. Ends before the last try where waiting
// mends nothing (MayPass()): then, and after the last, the error of the last try comes
// back, for Explain(). CANCELLED and DEADLINE_EXCEEDED when `call` ended it.
absl::StatusOr<std::unique_ptr<Connection>> WaitForDatabase(
    const DatabaseUrl& url, const WaitOptions& options, const Call& call,
    absl::FunctionRef<void(const FailedAttempt&)> report, const ConnectFunction& connect,
    const PauseFunction& pause);
// The same with Connect() and Call::Wait().
absl::StatusOr<std::unique_ptr<Connection>> WaitForDatabase(
    const DatabaseUrl& url, const WaitOptions& options, const ConnectOptions& connect_options,
    const Call& call, absl::FunctionRef<void(const FailedAttempt&)> report);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_WAIT_H_
