#ifndef DAVIT_CONTROLLER_FLEET_ACKNOWLEDGING_WORKER_CLIENT_H_
#define DAVIT_CONTROLLER_FLEET_ACKNOWLEDGING_WORKER_CLIENT_H_

#include <memory>

#include "absl/time/time.h"
#include "controller/fleet/timer.h"
#include "controller/fleet/worker_client_decorator.h"

namespace davit::fleet {

// Sends acknowledgements with the next step: a call, and a write of the worker's,
// for each would be as dear as the step itself. What no step has taken
// within `patience` goes by a call of its own. What waits when the client ends is
// dropped: the worker forgets it with the next fence.
class AcknowledgingWorkerClient final : public WorkerClientDecorator {
 public:
  // `timer` outlives the client.
  AcknowledgingWorkerClient(std::unique_ptr<WorkerClient> inner, Timer& timer,
                            absl::Duration patience = absl::Seconds(1));
  ~AcknowledgingWorkerClient() override;

  void RunStep(worker::v1::RunStepRequest request, std::shared_ptr<StepObserver> observer) override;
  void AckStep(const worker::v1::StepKey& key) override;

 private:
  class Basket;

  Timer& timer_;
  const absl::Duration patience_;
  const std::shared_ptr<Basket> basket_;
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_ACKNOWLEDGING_WORKER_CLIENT_H_
