#include "worker/steps/container/unfinished_stop.h"

#include <algorithm>

#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "google/protobuf/util/time_util.h"
#include "worker/steps/container/lookup.h"

namespace davit::steps {
namespace {

constexpr absl::Duration kGraceOfDocker = absl::Seconds(10);
constexpr absl::Duration kLongestEnd = absl::Minutes(1);
constexpr absl::Duration kLookAgain = absl::Milliseconds(100);
// What a kill takes at most, after the grace period.
constexpr absl::Duration kKillTakes = absl::Seconds(2);

absl::Duration OwnGrace(const docker::ContainerDetails& container) {
  if (!container.observed.has_stop_timeout()) return kGraceOfDocker;
  return absl::Nanoseconds(
      google::protobuf::util::TimeUtil::DurationToNanoseconds(container.observed.stop_timeout()));
}

absl::StatusOr<bool> Runs(docker::Engine& engine, const std::string& id, const Call& call) {
  const auto container = FindContainer(engine, id, call);
  if (!container.ok()) return container.status();
  return container->has_value() && IsRunning(**container);
}

}  // namespace

bool MayBeStopping(const docker::ContainerDetails& container) {
  return IsRunning(container) && container.observed.restart_policy() == "no";
}

absl::Status EndStop(docker::Engine& engine, const docker::ContainerDetails& container,
                     const Call& call) {
  const std::string& id = container.observed.id();
  const absl::Duration grace = std::min(OwnGrace(container), kLongestEnd);
  for (;;) {
    const absl::Status stopped = engine.StopContainer(id, grace, call);
    if (!stopped.ok() && !IsFailure(stopped, v1::CONTAINER_GONE)) return stopped;
    const auto runs = Runs(engine, id, call);
    if (!runs.ok()) return runs.status();
    if (!*runs) return absl::OkStatus();
    if (absl::Status status = call.Wait(kLookAgain); !status.ok()) return status;
  }
}

absl::Status AwaitStop(docker::Engine& engine, const docker::ContainerDetails& container,
                       const Call& call) {
  const absl::Time end = SteadyNow() + OwnGrace(container) + kKillTakes;
  for (;;) {
    const auto runs = Runs(engine, container.observed.id(), call);
    if (!runs.ok()) return runs.status();
    if (!*runs || SteadyNow() > end) return absl::OkStatus();
    if (absl::Status status = call.Wait(kLookAgain); !status.ok()) return status;
  }
}

}  // namespace davit::steps
