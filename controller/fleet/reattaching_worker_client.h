#ifndef DAVIT_CONTROLLER_FLEET_REATTACHING_WORKER_CLIENT_H_
#define DAVIT_CONTROLLER_FLEET_REATTACHING_WORKER_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "controller/fleet/timer.h"
#include "controller/fleet/worker_client.h"

namespace davit::fleet {

struct ReattachOptions {
  absl::Duration first_pause = absl::Milliseconds(100);  // doubles with each failed try
  absl::Duration longest_pause = absl::Seconds(5);
  absl::Duration give_up = absl::Seconds(60);  // without an event
  // A number in [0, 1) that spreads the tries of many streams; thread-safe. A
  // pause is cut by up to half of it. Empty: at random.
  std::function<double()> jitter;
};

// Takes a step's stream up again when it breaks: asks for the same step, from
// the last piece of log that was heard, and of the same journal, so that a worker
// that has lost its journal refuses instead of running the step again. A
// cancellation is repeated after each attachment. What the worker refuses for good
// (FAILED_PRECONDITION, INVALID_ARGUMENT, UNIMPLEMENTED, PERMISSION_DENIED,
// UNAUTHENTICATED) ends the step's stream at once; `give_up` without a word ends
// it with HOST_UNREACHABLE. All other calls go straight to `inner`.
class ReattachingWorkerClient final : public WorkerClient {
 public:
  // `timer` outlives the client.
  ReattachingWorkerClient(std::string host, std::unique_ptr<WorkerClient> inner, Timer& timer,
                          ReattachOptions options = {});
  // Ends all streams with CANCELLED and waits until every observer has heard it.
  // Not to be called from an observer.
  ~ReattachingWorkerClient() override;

  void RunStep(const worker::v1::RunStepRequest& request,
               std::shared_ptr<StepObserver> observer) override;
  void CancelStep(const worker::v1::StepKey& key) override;
  void AckStep(const worker::v1::StepKey& key) override;
  absl::StatusOr<worker::v1::GetHostResponse> GetHost(const worker::v1::GetHostRequest& request,
                                                      const Call& call) override;
  absl::Status TailLogs(const worker::v1::TailLogsRequest& request, const Call& call,
                        absl::FunctionRef<bool(const worker::v1::TailLogsResponse&)> sink) override;

 private:
  class Attachment;
  class Attachments;

  std::unique_ptr<WorkerClient> inner_;
  std::shared_ptr<Attachments> attachments_;
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_REATTACHING_WORKER_CLIENT_H_
