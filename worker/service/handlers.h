#ifndef DAVIT_WORKER_SERVICE_HANDLERS_H_
#define DAVIT_WORKER_SERVICE_HANDLERS_H_

#include <string>

#include "common/rpc/build_terms.h"
#include "davit/worker/v1/worker_service.grpc.pb.h"
#include "worker/build/image_builder.h"
#include "worker/docker/engine.h"
#include "worker/service/host_reporter.h"
#include "worker/service/step_table.h"

namespace davit::service {

// WatchHost is a reactor, and BuildImage until its job is there; everything else may block
// and has a thread while it runs.
using WorkerMethods = worker::v1::WorkerService::WithCallbackMethod_WatchHost<
    worker::v1::WorkerService::WithCallbackMethod_BuildImage<worker::v1::WorkerService::Service>>;

// The gRPC face of a worker.
class Handlers final : public WorkerMethods {
 public:
  // Nothing is owned; all outlive the server.
  Handlers(StepTable* table, docker::Engine* engine, HostReporter* reporter,
           builder::ImageBuilder* builder, const BuildLimits& builds, std::string journal_id);

  grpc::Status RunStep(grpc::ServerContext* context, const worker::v1::RunStepRequest* request,
                       grpc::ServerWriter<worker::v1::RunStepResponse>* writer) override;
  grpc::Status AckStep(grpc::ServerContext* context, const worker::v1::AckStepRequest* request,
                       worker::v1::AckStepResponse* response) override;
  grpc::Status CancelStep(grpc::ServerContext* context,
                          const worker::v1::CancelStepRequest* request,
                          worker::v1::CancelStepResponse* response) override;
  grpc::Status ListSteps(grpc::ServerContext* context, const worker::v1::ListStepsRequest* request,
                         worker::v1::ListStepsResponse* response) override;
  grpc::Status GetHost(grpc::ServerContext* context, const worker::v1::GetHostRequest* request,
                       worker::v1::GetHostResponse* response) override;
  grpc::ServerWriteReactor<worker::v1::WatchHostResponse>* WatchHost(
      grpc::CallbackServerContext* context, const worker::v1::WatchHostRequest* request) override;
  grpc::Status AdoptController(grpc::ServerContext* context,
                               const worker::v1::AdoptControllerRequest* request,
                               worker::v1::AdoptControllerResponse* response) override;
  grpc::Status TailLogs(grpc::ServerContext* context, const worker::v1::TailLogsRequest* request,
                        grpc::ServerWriter<worker::v1::TailLogsResponse>* writer) override;
  grpc::Status ListBackups(grpc::ServerContext* context,
                           const worker::v1::ListBackupsRequest* request,
                           worker::v1::ListBackupsResponse* response) override;
  grpc::ServerBidiReactor<worker::v1::BuildImageRequest, worker::v1::BuildImageResponse>*
  BuildImage(grpc::CallbackServerContext* context) override;

 private:
  StepTable* const table_;
  docker::Engine* const engine_;
  HostReporter* const reporter_;
  builder::ImageBuilder* const builder_;
  const BuildLimits build_limits_;
  StreamSlots build_slots_;
  const std::string journal_id_;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_HANDLERS_H_
