#ifndef DAVIT_WORKER_STEPS_ONE_OFF_CLEANER_H_
#define DAVIT_WORKER_STEPS_ONE_OFF_CLEANER_H_

#include <functional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/call.h"
#include "davit/worker/v1/worker_service.pb.h"
#include "worker/docker/engine.h"

namespace davit::steps {

// Removes the containers of one-offs, and what migrations have kept to compare with, whose
// steps nobody will ask for any more: acknowledged, fenced off, or forgotten before a restart. One
// that still runs stays until it has ended: only the lost journal of a worker leaves such a one,
// and what it does, a migration say, must not be broken off by a guess.
class OneOffCleaner {
 public:
  // Whether the step is known, that is, running or not acknowledged. Thread-safe.
  using IsKnown = std::function<bool(const worker::v1::StepKey&)>;

  // The engine is not owned. `state_directory` is the runners' own: only containers
  // that were made with it are touched.
  OneOffCleaner(docker::Engine* engine, std::string state_directory);
  ~OneOffCleaner();
  OneOffCleaner(const OneOffCleaner&) = delete;
  OneOffCleaner& operator=(const OneOffCleaner&) = delete;

  // Looks at once, after each Wake, and again while Docker does not answer, in a
  // thread of its own that ends with the object. Once.
  void Start(IsKnown is_known);
  // A one-off's step has been forgotten. Returns at once.
  void Wake() ABSL_LOCKS_EXCLUDED(mutex_);

  // One look. Goes on after an error; the first one comes back.
  absl::Status Sweep(const IsKnown& is_known, const Call& call);

 private:
  void SweepWhenWoken(const IsKnown& is_known) ABSL_LOCKS_EXCLUDED(mutex_);

  docker::Engine* const engine_;
  const std::string state_directory_;
  CancelToken stop_;
  absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = true;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_ONE_OFF_CLEANER_H_
