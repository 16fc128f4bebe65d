#ifndef DAVIT_CONTROLLER_FLEET_WORKER_CLIENT_DECORATOR_H_
#define DAVIT_CONTROLLER_FLEET_WORKER_CLIENT_DECORATOR_H_

#include <memory>
#include <utility>

#include "controller/fleet/worker_client.h"

namespace davit::fleet {

// Passes everything on to `inner`. Decorators override what they change.
class WorkerClientDecorator : public WorkerClient {
 public:
  explicit WorkerClientDecorator(std::unique_ptr<WorkerClient> inner) : inner_(std::move(inner)) {}

  void RunStep(worker::v1::RunStepRequest request,
               std::shared_ptr<StepObserver> observer) override {
    inner_->RunStep(std::move(request), std::move(observer));
  }
  void CancelStep(const worker::v1::StepKey& key) override { inner_->CancelStep(key); }
  void AckStep(const worker::v1::StepKey& key) override { inner_->AckStep(key); }
  absl::StatusOr<worker::v1::GetHostResponse> GetHost(const worker::v1::GetHostRequest& request,
                                                      const Call& call) override {
    return inner_->GetHost(request, call);
  }
  absl::StatusOr<worker::v1::WatchHostResponse> FirstReport(
      const worker::v1::WatchHostRequest& request, const Call& call) override {
    return inner_->FirstReport(request, call);
  }
  absl::StatusOr<worker::v1::AdoptControllerResponse> AdoptController(
      const worker::v1::AdoptControllerRequest& request, const Call& call) override {
    return inner_->AdoptController(request, call);
  }
  absl::StatusOr<worker::v1::ListBackupsResponse> ListBackups(
      const worker::v1::ListBackupsRequest& request, const Call& call) override {
    return inner_->ListBackups(request, call);
  }
  absl::Status TailLogs(
      const worker::v1::TailLogsRequest& request, const Call& call,
      absl::FunctionRef<bool(const worker::v1::TailLogsResponse&)> sink) override {
    return inner_->TailLogs(request, call, sink);
  }
  absl::StatusOr<v1::BuiltImage> BuildImage(const worker::v1::BuildJob& job, ContextPieces context,
                                            const Call& call, BuildSink sink) override {
    return inner_->BuildImage(job, context, call, sink);
  }

 protected:
  WorkerClient& inner() { return *inner_; }
  // Before the decorator's own members go, where calls of `inner` may still use them.
  void DropInner() { inner_.reset(); }

 private:
  std::unique_ptr<WorkerClient> inner_;
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_WORKER_CLIENT_DECORATOR_H_
