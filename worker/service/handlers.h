#ifndef DAVIT_WORKER_SERVICE_HANDLERS_H_
#define DAVIT_WORKER_SERVICE_HANDLERS_H_

#include <string>

#include "davit/worker/v1/worker_service.grpc.pb.h"
#include "worker/docker/engine.h"
#include "worker/service/step_table.h"

namespace davit::service {

// The gRPC face of a worker. Synchronous: its handlers block.
class Handlers final : public worker::v1::WorkerService::Service {
 public:
  // Neither is owned; both outlive the server.
  Handlers(StepTable* table, docker::Engine* engine, std::string journal_id);

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
  grpc::Status TailLogs(grpc::ServerContext* context, const worker::v1::TailLogsRequest* request,
                        grpc::ServerWriter<worker::v1::TailLogsResponse>* writer) override;

 private:
  StepTable* const table_;
  docker::Engine* const engine_;
  const std::string journal_id_;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_HANDLERS_H_
