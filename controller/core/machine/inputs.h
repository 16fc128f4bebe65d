#ifndef DAVIT_CONTROLLER_CORE_MACHINE_INPUTS_H_
#define DAVIT_CONTROLLER_CORE_MACHINE_INPUTS_H_

#include "controller/core/machine/transition_builder.h"

// What each input does, in the states where it does anything. Which those are
// stands in transition_table.cc.
namespace davit::core {

void Begin(TransitionBuilder& builder, const Submitted& input);
void Cancel(TransitionBuilder& builder, const CancelRequested& input);
void Resume(TransitionBuilder& builder, const Restarted& input);

void NoteStarted(TransitionBuilder& builder, const StepStarted& input);
void PassProgress(TransitionBuilder& builder, const StepProgressed& input);
void PassLog(TransitionBuilder& builder, const StepLogged& input);
void FinishStep(TransitionBuilder& builder, const StepFinished& input);
void GiveUpStep(TransitionBuilder& builder, const WorkerLost& input);
void TimeOutStep(TransitionBuilder& builder, const TimerFired& input);
// The worker says again how a step ended: it may forget.
void AckAgain(TransitionBuilder& builder, const StepFinished& input);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_MACHINE_INPUTS_H_
