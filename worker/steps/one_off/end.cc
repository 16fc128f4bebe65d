#include "worker/steps/one_off/end.h"

#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "worker/steps/text/elapsed_text.h"

namespace davit::steps {
namespace {

using docker::ContainerDetails;
using worker::v1::RunOneOff;

// An exit code of a command that a signal has ended, as Docker gives it.
constexpr int kSignalBase = 128;
// Containers are told to end before their engine goes: 10 s, and a little.
constexpr absl::Duration kEngineEndsBefore = absl::Minutes(1);

bool IsEndedBy(const ContainerDetails& container, int signal) {
  return container.observed.exit_code() == kSignalBase + signal;
}

absl::Time StartOf(const ContainerDetails& container) {
  const auto& start = container.observed.start_time();
  return absl::FromUnixSeconds(start.seconds()) + absl::Nanoseconds(start.nanos());
}

void AddTail(const std::vector<std::string>& log_tail, v1::Failure& failure) {
  *failure.mutable_log_tail() = {log_tail.begin(), log_tail.end()};
}

std::string Title(const RunOneOff& one_off) {
  return one_off.title().empty() ? "the command" : one_off.title();
}

// Where its time is declared.
absl::string_view TimeoutKey(const RunOneOff& one_off) {
  switch (one_off.failure_code()) {
    case v1::CHECK_FAILED:
      return "`checks.timeout`";
    case v1::MIGRATION_FAILED:
      return "`migrate.timeout`";
    default:
      return "its `timeout`";
  }
}

std::string MemoryLimit(const RunOneOff& one_off) {
  const int64_t bytes = one_off.container().memory_limit_bytes();
  if (bytes == 0) return "it has no limit of its own";
  return absl::StrFormat("its limit is %.0f MiB", static_cast<double>(bytes) / (1 << 20));
}

}  // namespace

bool WasInterrupted(const ContainerDetails& container, absl::Time engine_start) {
  // The kernel's own doing, and the command's: it wants more than it may have.
  if (container.oom_killed) return false;
  if (IsEndedBy(container, SIGKILL) || IsEndedBy(container, SIGTERM)) return true;
  return StartOf(container) < engine_start &&
         container.finished_at > engine_start - kEngineEndsBefore;
}

std::string RunTime(const ContainerDetails& container) {
  return ElapsedText(std::max(container.finished_at - StartOf(container), absl::ZeroDuration()));
}

std::vector<std::string> EndEvidence(const RunOneOff& one_off, const ContainerDetails& container) {
  std::vector<std::string> evidence = {absl::StrCat("exit code: ", container.observed.exit_code()),
                                       absl::StrCat("it ran for: ", RunTime(container))};
  if (container.oom_killed) {
    evidence.push_back(
        absl::StrCat("it was killed for using too much memory; ", MemoryLimit(one_off)));
  }
  if (one_off.container().command_size() > 0) {
    evidence.push_back(
        absl::StrCat("command: ", absl::StrJoin(one_off.container().command(), " ")));
  }
  return evidence;
}

absl::Status OneOffInterrupted(const RunOneOff& one_off, absl::string_view why,
                               std::vector<std::string> evidence,
                               const std::vector<std::string>& log_tail) {
  v1::Failure failure = MakeFailure(
      v1::ONE_OFF_INTERRUPTED,
      absl::StrCat(Title(one_off), " ", why, ": nobody can say what it did"), std::move(evidence));
  AddTail(log_tail, failure);
  return FailureStatus(failure);
}

absl::Status OneOffFailed(const RunOneOff& one_off, const ContainerDetails& container,
                          const std::vector<std::string>& log_tail) {
  const v1::FailureCode code = one_off.failure_code() == v1::FAILURE_CODE_UNSPECIFIED
                                   ? v1::CONTAINER_EXITED
                                   : one_off.failure_code();
  v1::Failure failure = MakeFailure(
      code, absl::StrCat(Title(one_off), " failed with exit code ", container.observed.exit_code()),
      EndEvidence(one_off, container));
  if (container.oom_killed) {
    failure.set_likely_cause("the command needs more memory than its container may use");
    failure.set_next_command("raise `mem_limit`");
  }
  AddTail(log_tail, failure);
  return FailureStatus(failure);
}

worker::v1::StepOutputs OneOffDoneAlready(const ContainerDetails& container,
                                          absl::string_view text) {
  worker::v1::StepOutputs outputs;
  outputs.mutable_one_off()->set_exit_code(container.observed.exit_code());
  outputs.set_summary(absl::StrCat("was done already: it said \"", text, "\" (exit code ",
                                   container.observed.exit_code(), ", ", RunTime(container), ")"));
  return outputs;
}

absl::Status OneOffUnread(const RunOneOff& one_off, const absl::Status& why) {
  return OneOffInterrupted(one_off, "failed, and its output could not be read",
                           {std::string(why.message())});
}

absl::Status OneOffTooSlow(const RunOneOff& one_off, absl::Duration limit,
                           const std::vector<std::string>& log_tail) {
  v1::Failure failure =
      MakeFailure(v1::STEP_TIMEOUT,
                  absl::StrCat(Title(one_off), " ran longer than ", absl::FormatDuration(limit)),
                  {"its container was killed"});
  failure.set_likely_cause("it needs more time than it has, or waits for what does not come");
  failure.set_next_command(
      absl::StrCat("raise ", TimeoutKey(one_off), ", or find out what it waits for"));
  AddTail(log_tail, failure);
  return FailureStatus(failure);
}

}  // namespace davit::steps
