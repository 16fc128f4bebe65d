#ifndef DAVIT_WORKER_SERVICE_STEP_TABLE_H_
#define DAVIT_WORKER_SERVICE_STEP_TABLE_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/call.h"
#include "davit/worker/v1/worker_service.pb.h"
#include "worker/service/journal.h"
#include "worker/service/running_step.h"
#include "worker/service/step_execution.h"
#include "worker/steps/step_runner.h"

namespace davit::service {

// All steps that are not acknowledged, and the threads of those that run. Here
// lies what makes a step start once: the journal, the fences, the attempts, and
// whom the worker follows. Thread-safe.
class StepTable {
 public:
  static constexpr size_t kMaxRunning = 64;
  // Longest time that those who come wait for steps which have to end first.
  static constexpr absl::Duration kDrainTimeout = absl::Seconds(30);
  static constexpr absl::Duration kDefaultTimeout = absl::Hours(1);

  // Whether nobody waits for the answer any more.
  using CallerGone = absl::FunctionRef<bool()>;
  // Throws std::system_error where the system has no more threads.
  using StartThread = std::function<std::thread(std::function<void()>)>;
  static std::thread StartStdThread(std::function<void()> body);

  // Journal and runners are not owned and outlive the table.
  StepTable(Journal* journal, const steps::Runners* runners, StartThread start = StartStdThread);
  // Steps stop waiting and are left for the next worker to go on with.
  ~StepTable();

  // Has `forgotten` called, under the table's lock, after a one-off's step has been
  // forgotten: acknowledged, fenced off or disowned. Before Resume.
  void OnOneOffForgotten(std::function<void()> forgotten) ABSL_LOCKS_EXCLUDED(mutex_);
  // Goes on with what the journal says has not ended; with steps that use secrets once
  // their values come. Once, before anything else.
  absl::Status Resume();

  struct Attachment {
    std::shared_ptr<RunningStep> step;
    bool attached = false;  // the step was known
    // Called by the reader before it reads, where there is one: it puts what an earlier
    // worker's step has left into the feed. Blocks.
    std::function<void()> before_reading;
  };
  // Starts the step or finds it. HOST_NOT_ADOPTED, VERSION_SKEW, FENCED, JOURNAL_LOST,
  // WRONG_STATE (acknowledged, or another attempt goes before), RESOURCE_EXHAUSTED,
  // INVALID_ARGUMENT; UNAVAILABLE while steps that must end first do not.
  absl::StatusOr<Attachment> Run(const worker::v1::RunStepRequest& request, CallerGone caller_gone);
  // Follows the controller from now on, and ends and forgets what was begun for the
  // one before. UNAVAILABLE when that takes too long: it is followed already, and
  // the same call again waits on.
  absl::StatusOr<worker::v1::AdoptControllerResponse> Adopt(
      const worker::v1::AdoptControllerRequest& request, CallerGone caller_gone);
  // WRONG_STATE while it runs.
  absl::Status Acknowledge(const worker::v1::StepKey& key);
  // Whether the step is known.
  absl::StatusOr<bool> Cancel(const worker::v1::StepKey& key);
  std::vector<worker::v1::KnownStep> List(const std::string& cluster_id) const;
  // Whether the step runs or is not acknowledged.
  bool Knows(const worker::v1::StepKey& key) const;
  int running() const;

 private:
  // Cluster, step, attempt.
  using Id = std::tuple<std::string, std::string, int>;
  using Matches = absl::FunctionRef<bool(const RunningStep&)>;
  static Id IdOf(const worker::v1::StepKey& key);

  // --- Whether a request may pass: step_admission.cc. ---
  absl::Status CheckController(const std::string& cluster_id, const std::string& controller_id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Validate(const worker::v1::RunStepRequest& request) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status PassController(const worker::v1::RunStepRequest& request, CallerGone caller_gone)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status PassFence(const Scope& scope, const Fence& fence, CallerGone caller_gone)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetOlder(const Scope& scope, int64_t fence) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Ends and forgets what was disowned; what there was.
  absl::StatusOr<std::vector<worker::v1::KnownStep>> EndDisowned(const std::string& cluster_id,
                                                                 CallerGone caller_gone)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Stops the steps that match and waits until none of them runs. Gives the lock up
  // meanwhile.
  absl::Status Drain(Matches matches, StopReason reason, CallerGone caller_gone)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether a step that is not in the table may begin.
  absl::Status MayBegin(const worker::v1::RunStepRequest& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status MayFollowAttempts(const worker::v1::StepKey& key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // --- A step's life: step_table.cc. ---
  // Intent and acknowledgements are one write.
  absl::StatusOr<std::shared_ptr<RunningStep>> Begin(
      const worker::v1::RunStepRequest& request, absl::Span<const worker::v1::StepKey> acknowledged)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Launch(const std::shared_ptr<RunningStep>& step, steps::StepContext context)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Goes on with the step of an earlier worker if it waits; with what `context` brings.
  absl::Status LaunchWaiting(const std::shared_ptr<RunningStep>& step, steps::StepContext context)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Waits until the step's thread is gone, if it has told its result; else WRONG_STATE.
  // Gives the lock up meanwhile.
  absl::Status AwaitEnd(const worker::v1::StepKey& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Those of the keys whose steps have ended.
  std::vector<worker::v1::StepKey> Ended(
      const google::protobuf::RepeatedPtrField<worker::v1::StepKey>& keys)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Forget(absl::Span<const worker::v1::StepKey> keys)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // To a step that is known; with what the request brings.
  absl::StatusOr<Attachment> Attach(const std::shared_ptr<RunningStep>& step,
                                    const worker::v1::RunStepRequest& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Out of the table; the journal stays as it is.
  void Drop(const Id& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void JoinEnded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Retire(const RunningStep& step);

  Journal* const journal_;
  const steps::Runners* const runners_;
  const StartThread start_;
  CancelToken shutdown_;
  StepExecution execution_;
  mutable absl::Mutex mutex_;
  std::map<Id, std::shared_ptr<RunningStep>> known_ ABSL_GUARDED_BY(mutex_);
  // Begun by an earlier worker, with secrets: they go on, or are told to stop, when
  // somebody attaches who brings the values, without which nothing could be masked.
  std::set<Id> waiting_ ABSL_GUARDED_BY(mutex_);
  // Ended under an earlier worker, with output that may not have been read to its end.
  std::set<Id> unread_ ABSL_GUARDED_BY(mutex_);
  std::map<Id, std::thread> threads_ ABSL_GUARDED_BY(mutex_);  // of the steps that run
  std::vector<std::thread> ended_ ABSL_GUARDED_BY(mutex_);     // to be joined
  std::function<void()> one_off_forgotten_ ABSL_GUARDED_BY(mutex_) = [] {};
};

// For lists of steps.
worker::v1::KnownStep KnownStepOf(RunningStep& step);

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_STEP_TABLE_H_
