#include "worker/service/runs_logs.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "google/protobuf/util/message_differencer.h"

namespace davit::service {
namespace {

using Run = docker::ContainerDetails;
using google::protobuf::util::MessageDifferencer;

constexpr absl::Duration kLook = absl::Milliseconds(250);
// A restart by hand is a stop and a start, and takes less.
constexpr int kLooksAtAStopped = 8;

bool IsAnotherRun(const Run& run, const Run& before) {
  return !MessageDifferencer::Equals(run.observed.start_time(), before.observed.start_time());
}

// Makes `run` the next one of its container. False when there is none.
absl::StatusOr<bool> AwaitNextRun(docker::Engine& engine, const std::string& container,
                                  const Call& call, Run& run) {
  for (int looks = 0; looks < kLooksAtAStopped;) {
    absl::StatusOr<Run> now = engine.InspectContainer(container, call);
    if (!now.ok() && IsFailure(now.status(), v1::CONTAINER_GONE)) return false;
    if (!now.ok()) return now.status();
    // Another container may have other secrets than those that are masked here.
    if (now->observed.id() != run.observed.id()) return false;
    if (IsAnotherRun(*now, run)) {
      run = *std::move(now);
      return true;
    }
    // The engine waits up to a minute before it restarts one that fails again and again.
    if (now->observed.state() != "restarting") ++looks;
    if (const absl::Status wait = call.Wait(kLook); !wait.ok()) return wait;
  }
  return false;
}

}  // namespace

absl::Status LogsOfRuns(docker::Engine& engine, const std::string& container,
                        docker::LogOptions options, const Call& call,
                        absl::FunctionRef<bool(docker::LogLine)> sink) {
  if (!options.follow) return engine.Logs(container, options, call, sink);
  absl::StatusOr<Run> run = engine.InspectContainer(container, call);
  if (!run.ok()) return run.status();
  bool wanted = true;
  // Only the times of lines tell those of the next run from those before it.
  options.timestamps = true;
  // Also when there is no line before the next run to tell by.
  if (options.tail == 0) options.since_unix_nanos = absl::ToUnixNanos(absl::Now());
  while (true) {
    const absl::Status status =
        engine.Logs(run->observed.id(), options, call, [&](docker::LogLine line) {
          // Inclusive: what comes next is later.
          options.since_unix_nanos = std::max(options.since_unix_nanos, line.time_unix_nanos + 1);
          return wanted = sink(std::move(line));
        });
    if (!status.ok() || !wanted) return status;
    const absl::StatusOr<bool> next = AwaitNextRun(engine, container, call, *run);
    if (!next.ok() || !*next) return next.status();
    options.tail = -1;
  }
}

}  // namespace davit::service
