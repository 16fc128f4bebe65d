#ifndef DAVIT_CONTROLLER_CORE_MACHINE_TRANSITION_BUILDER_H_
#define DAVIT_CONTROLLER_CORE_MACHINE_TRANSITION_BUILDER_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "controller/core/machine/state_machine.h"

namespace davit::core {

// Changes a state and writes down each change: in the journal, for the commit,
// for the executor. The only way by which handlers change anything, so nothing
// can be changed and forgotten.
class TransitionBuilder {
 public:
  TransitionBuilder(DeploymentState state, absl::Time now);

  absl::Time now() const { return now_; }
  const DeploymentState& state() const { return transition_.next; }
  const state::v1::DeploymentRecord& record() const { return transition_.next.record; }
  const v1::Deployment& view() const { return record().view(); }
  const state::v1::StepRecord& step(int index) const { return transition_.next.steps[index]; }
  int step_count() const { return static_cast<int>(transition_.next.steps.size()); }

  // Index of the first step that has not `succeeded`. What has, stays so: the steps
  // before it are not looked at again.
  int Settle(absl::FunctionRef<bool(const state::v1::StepRecord&)> succeeded);

  // Without an event.
  state::v1::DeploymentRecord& MutableRecord();
  state::v1::StepRecord& MutableStep(int index);
  // The worker has journaled the step. The first id that a host has in a deployment
  // stays: a journal that changes under it was lost.
  void ConfirmStarted(int index, const std::string& journal_id);

  // With an event. Crash when the state would move backwards.
  void SetState(v1::DeploymentState state);
  void SetStepState(int index, v1::StepState state);
  // The deployment as it is now.
  void JournalDeployment();
  // Steps of one kind of plan; their ids go on from those that are there. One event for
  // each 500 of them: each must fit into a message.
  void AppendSteps(std::vector<state::v1::StepRecord> steps);
  void JournalProgress(const v1::StepProgress& progress);
  void JournalLog(const v1::StepLog& log);
  void JournalNote(absl::string_view text);

  void Do(Effect effect) { transition_.effects.push_back(effect); }
  void PutRelease(state::v1::ReleaseRecord release);
  void ReleaseLock() { transition_.release_lock = true; }

  Transition Take() &&;

 private:
  v1::Event& NewEvent();

  const absl::Time now_;
  Transition transition_;
};

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_MACHINE_TRANSITION_BUILDER_H_
