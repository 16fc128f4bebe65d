#ifndef DAVIT_WORKER_STEPS_PREFLIGHT_PORT_CHECK_H_
#define DAVIT_WORKER_STEPS_PREFLIGHT_PORT_CHECK_H_

#include <vector>

#include "davit/worker/v1/steps.pb.h"
#include "davit/worker/v1/worker_service.pb.h"
#include "worker/steps/preflight/findings.h"

namespace davit::steps {

// Whether each host port is wanted once, and free or about to become free. `key`: of the step,
// whose project and environment it is. `containers` are all of the host.
void CheckPorts(const worker::v1::Preflight& preflight, const worker::v1::StepKey& key,
                const std::vector<worker::v1::ObservedContainer>& containers, Findings& findings);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_PREFLIGHT_PORT_CHECK_H_
