#ifndef DAVIT_CONTROLLER_FLEET_GRPC_WORKER_CLIENT_H_
#define DAVIT_CONTROLLER_FLEET_GRPC_WORKER_CLIENT_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "controller/fleet/call_registry.h"
#include "controller/fleet/worker_client.h"
#include "davit/worker/v1/worker_service.grpc.pb.h"

namespace davit::fleet {

// One worker over one gRPC channel. A stream that breaks ends with
// HOST_UNREACHABLE; ReattachingWorkerClient takes it up again. Needs no thread
// of its own. Secrets in requests live until the step's stream has ended.
class GrpcWorkerClient final : public WorkerClient {
 public:
  // Every step is told that it comes from `controller_id`.
  GrpcWorkerClient(std::string host, const std::shared_ptr<grpc::Channel>& channel,
                   std::string controller_id);
  // Cancels what is running and waits until every observer has heard OnDone. Not
  // to be called from an observer.
  ~GrpcWorkerClient() override;

  void RunStep(worker::v1::RunStepRequest request, std::shared_ptr<StepObserver> observer) override;
  void CancelStep(const worker::v1::StepKey& key) override;
  void AckStep(const worker::v1::StepKey& key) override;
  // All four 30 s at most, whatever `call` says.
  absl::StatusOr<worker::v1::GetHostResponse> GetHost(const worker::v1::GetHostRequest& request,
                                                      const Call& call) override;
  absl::StatusOr<worker::v1::WatchHostResponse> FirstReport(
      const worker::v1::WatchHostRequest& request, const Call& call) override;
  absl::StatusOr<worker::v1::AdoptControllerResponse> AdoptController(
      const worker::v1::AdoptControllerRequest& request, const Call& call) override;
  absl::StatusOr<worker::v1::ListBackupsResponse> ListBackups(
      const worker::v1::ListBackupsRequest& request, const Call& call) override;
  absl::Status TailLogs(const worker::v1::TailLogsRequest& request, const Call& call,
                        absl::FunctionRef<bool(const worker::v1::TailLogsResponse&)> sink) override;
  absl::StatusOr<v1::BuiltImage> BuildImage(const worker::v1::BuildJob& job, ContextPieces context,
                                            const Call& call, BuildSink sink) override;

 private:
  const std::string host_;
  const std::string controller_id_;
  const std::unique_ptr<worker::v1::WorkerService::Stub> stub_;
  CallRegistry calls_;
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_GRPC_WORKER_CLIENT_H_
