#ifndef DAVIT_WORKER_STEPS_ONE_OFF_CONTAINER_H_
#define DAVIT_WORKER_STEPS_ONE_OFF_CONTAINER_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "worker/steps/one_off/record.h"
#include "worker/steps/registry.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// How soon a container that is waited for is looked at again, at first.
inline constexpr absl::Duration kFirstLook = absl::Milliseconds(10);
// For what must be done although a step's own time is over.
inline constexpr absl::Duration kLastWords = absl::Seconds(10);
// A call of its own: nothing but `patience` ends it.
Call AnotherCall(absl::Duration patience);

// Whether the container was made for the step.
bool IsOf(const worker::v1::StepKey& key, const docker::ContainerDetails& container);

// The container of one run of a one-off: made, started once, and ended if need be.
// What it does depends on what it finds, not on whether the step was resumed: the
// container's name is the step's and attempt's own.
//
// Starting an exited container would run its command again, and waiting on one that
// never started would return 0. So a container is started only from `created`, and
// only once; after a lost answer it is only looked at.
class OneOffContainer {
 public:
  // `start_patience`: how long a start whose answer was lost may still be on its way.
  // The step outlives this.
  OneOffContainer(const RunnerEnvironment& environment, absl::Duration start_patience,
                  const worker::v1::RunOneOff& one_off, const StepContext& context);

  // Finds or makes it, and starts it if it certainly never was: `prepare`, where there is
  // one, before that; its error keeps it from being started. OK: it was started, once.
  // ONE_OFF_INTERRUPTED where nobody can say whether it ran; then it will not run later.
  absl::Status Begin(const std::function<absl::Status()>& prepare = {});
  // Looks at it. False: somebody has removed it.
  absl::StatusOr<bool> Look(const Call& call);
  // Until its process is really no more. False: somebody has removed it. STEP_UNKNOWN
  // when that cannot be reached.
  absl::StatusOr<bool> Kill();

  // As it was seen last.
  const docker::ContainerDetails& details() const { return details_; }
  const std::string& id() const { return details_.observed.id(); }
  // In its networks, as long as it was seen to run: it has none any more when it has ended.
  const std::vector<std::string>& addresses() const { return addresses_; }
  // It has a result: has exited, and ran before.
  bool HasExited() const;
  // Whether the worker ends, and leaves it to the next one.
  bool IsLeftToTheNext() const { return context_.worker_ends && context_.worker_ends(); }
  absl::Status WasRemoved() const;

 private:
  void Remember(docker::ContainerDetails details);
  absl::StatusOr<docker::ContainerDetails> Obtain() const;
  absl::StatusOr<docker::ContainerDetails> Create() const;
  absl::Status EnsureStarted(const std::function<absl::Status()>& prepare);
  absl::Status AwaitStart();
  std::string Called() const;
  absl::Status GiveUpStart();
  absl::Status Unended(const absl::Status& status) const;

  docker::Engine* const engine_;
  const std::string state_directory_;
  const absl::Duration start_patience_;
  const StartedOneOffs started_;
  const worker::v1::RunOneOff& one_off_;
  const StepContext& context_;
  const std::string name_;
  docker::ContainerDetails details_;
  std::vector<std::string> addresses_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_ONE_OFF_CONTAINER_H_
