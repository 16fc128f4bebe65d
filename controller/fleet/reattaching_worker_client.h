#ifndef DAVIT_CONTROLLER_FLEET_REATTACHING_WORKER_CLIENT_H_
#define DAVIT_CONTROLLER_FLEET_REATTACHING_WORKER_CLIENT_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "controller/fleet/backoff.h"
#include "controller/fleet/timer.h"
#include "controller/fleet/worker_client_decorator.h"

namespace davit::fleet {

struct ReattachOptions {
  Backoff backoff = {absl::Milliseconds(100), absl::Seconds(5), nullptr};
  absl::Duration give_up = absl::Seconds(60);  // without an event
  // The same when the deployment has not heard of the worker before.
  absl::Duration give_up_first = absl::Seconds(15);
};

// Takes a step's stream up again when it breaks: asks for the same step, from
// the last piece of log that was heard, and of the same journal, so that a worker
// that has lost its journal refuses instead of running the step again. A
// cancellation is repeated after each attachment. What the worker refuses for good
// (FAILED_PRECONDITION, INVALID_ARGUMENT, UNIMPLEMENTED, PERMISSION_DENIED,
// UNAUTHENTICATED) ends the step's stream at once; `give_up` without a word ends
// it with HOST_UNREACHABLE and the last try's evidence.
class ReattachingWorkerClient final : public WorkerClientDecorator {
 public:
  // `timer` outlives the client.
  ReattachingWorkerClient(std::string host, std::unique_ptr<WorkerClient> inner, Timer& timer,
                          ReattachOptions options = {});
  // Ends all streams with HOST_UNREACHABLE and waits until every observer has heard it.
  // Not to be called from an observer.
  ~ReattachingWorkerClient() override;

  void RunStep(worker::v1::RunStepRequest request, std::shared_ptr<StepObserver> observer) override;
  void CancelStep(const worker::v1::StepKey& key) override;

 private:
  class Attachment;
  class Attachments;

  std::shared_ptr<Attachments> attachments_;
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_REATTACHING_WORKER_CLIENT_H_
