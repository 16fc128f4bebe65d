#ifndef DAVIT_CONTROLLER_CORE_MACHINE_STATE_MACHINE_H_
#define DAVIT_CONTROLLER_CORE_MACHINE_STATE_MACHINE_H_

#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "controller/core/deployment_state.h"
#include "davit/state/v1/state.pb.h"
#include "davit/v1/deployment.pb.h"
#include "davit/worker/v1/worker_service.pb.h"

// The deployment's state machine: pure, total, without I/O, clock or log.
namespace davit::core {

// --- Inputs: what has happened -------------------------------------------

// The deployment was created and holds its lock. First input, once.
struct Submitted {
  std::vector<std::string> notes;  // for the journal
};
// The worker has journaled the step's intent.
struct StepStarted {
  std::string step_id;
  int attempt;
  std::string journal_id;
};
struct StepProgressed {
  int attempt;
  v1::StepProgress progress;
};
struct StepLogged {
  int attempt;
  v1::StepLog log;
};
// The worker has ended the step, or refused it for good.
struct StepFinished {
  std::string step_id;
  int attempt;
  worker::v1::StepFinished result;
};
// The worker could not be reached for so long that the step is given up.
struct WorkerLost {
  std::string step_id;
  int attempt;
  v1::Failure failure;
};
// A timer that was armed with ArmTimer has run out.
struct TimerFired {
  std::string step_id;
  int attempt;
};
struct CancelRequested {
  std::string by;  // user@host
};
// The controller has started again. Emits the effects that are due.
struct Restarted {};

using Input = std::variant<Submitted, StepStarted, StepProgressed, StepLogged, StepFinished,
                           WorkerLost, TimerFired, CancelRequested, Restarted>;

// --- Effects: what the executor does after the commit ----------------------

// RunStep: starts the step, or attaches to it. steps[index] has what is needed.
struct RunStep {
  int index;
};
struct CancelStep {
  int index;
};
struct AckStep {
  int index;
};
// Feed TimerFired at `when`, unless the step has ended by then.
struct ArmTimer {
  int index;
  absl::Time when;
};

using Effect = std::variant<RunStep, CancelStep, AckStep, ArmTimer>;

// What one input leads to. Everything but `effects` is committed together,
// before the first effect is carried out.
struct Transition {
  DeploymentState next;
  bool record_changed = false;                     // but for last_sequence, which the events tell
  std::set<int> changed_steps;                     // indices into next.steps
  std::vector<v1::Event> events;                   // with sequence and time
  std::vector<state::v1::ReleaseRecord> releases;  // to be put as they are
  bool release_lock = false;
  std::vector<Effect> effects;
};

// What `input` does to `state` at `now`. An input that does not fit the state
// (a late or repeated one) changes nothing and may still ask for an AckStep.
// Moving a large state in spares copying all its steps.
Transition Apply(DeploymentState state, const Input& input, absl::Time now);

// The effects that are due in `state`, as if it had just been reached: every
// running step is run and timed, and cancelled where that was asked for.
std::vector<Effect> PendingEffects(const DeploymentState& state);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_MACHINE_STATE_MACHINE_H_
