#ifndef DAVIT_WORKER_STEPS_PATIENT_RUNNER_H_
#define DAVIT_WORKER_STEPS_PATIENT_RUNNER_H_

#include <memory>

#include "worker/steps/step_runner.h"

namespace davit::steps {

// Runs `inner`, and again (as resumed) while Docker does not answer, until the
// step's own deadline: an engine that restarts in the middle of a release must
// neither fail it nor the way back. For steps after which something may be down;
// those before rather fail at once.
std::unique_ptr<StepRunner> MakePatient(std::unique_ptr<StepRunner> inner);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_PATIENT_RUNNER_H_
