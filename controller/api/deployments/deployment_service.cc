#include "controller/api/deployments/deployment_service.h"

#include <algorithm>

#include "common/rpc/peer.h"
#include "controller/api/caller.h"
#include "controller/api/deployments/handlers.h"
#include "controller/api/finish.h"
#include "controller/api/logs/tail_logs.h"
#include "controller/api/status/get_status.h"
#include "controller/api/watch/watch_deployment.h"
#include "controller/api/watch/watch_reader.h"

namespace davit::api {
namespace {

constexpr absl::Duration kPlanPatience = absl::Seconds(60);
// It pulls images and runs the checks; whoever calls has a deadline of their own.
constexpr absl::Duration kCheckPatience = absl::Minutes(60);
constexpr absl::Duration kStatusPatience = absl::Seconds(5);

absl::Time DeadlineOf(const grpc::ServerContext& context, absl::Duration patience) {
  return std::min(absl::FromChrono(context.deadline()), absl::Now() + patience);
}

// Watches are reactors, everything else has a thread while it runs.
using Methods =
    v1::DeploymentService::WithCallbackMethod_WatchDeployment<v1::DeploymentService::Service>;

class DeploymentService final : public Methods {
 public:
  explicit DeploymentService(const ApiContext& context) : context_(context) {}

  grpc::Status PlanDeployment(grpc::ServerContext* call, const v1::PlanDeploymentRequest* request,
                              v1::PlanDeploymentResponse* response) override {
    return Finish("PlanDeployment",
                  api::PlanDeployment(context_, *request, DeadlineOf(*call, kPlanPatience)),
                  response);
  }

  grpc::Status CheckDeployment(grpc::ServerContext* call, const v1::CheckDeploymentRequest* request,
                               v1::CheckDeploymentResponse* response) override {
    return Finish("CheckDeployment",
                  api::CheckDeployment(context_, *request, DeadlineOf(*call, kCheckPatience),
                                       [call] { return call->IsCancelled(); }),
                  response);
  }

  grpc::Status CreateDeployment(grpc::ServerContext* call,
                                const v1::CreateDeploymentRequest* request,
                                v1::CreateDeploymentResponse* response) override {
    v1::CreateDeploymentRequest known = *request;
    known.mutable_deployment()->set_submitted_by(
        CallerForTheRecord(request->deployment().submitted_by(), PeerName(*call)));
    return Finish("CreateDeployment", api::CreateDeployment(context_, known), response);
  }

  grpc::Status GetDeployment(grpc::ServerContext*, const v1::GetDeploymentRequest* request,
                             v1::GetDeploymentResponse* response) override {
    return Finish("GetDeployment", api::GetDeployment(context_, *request), response);
  }

  grpc::Status ListDeployments(grpc::ServerContext*, const v1::ListDeploymentsRequest* request,
                               v1::ListDeploymentsResponse* response) override {
    return Finish("ListDeployments", api::ListDeployments(context_, *request), response);
  }

  grpc::Status CancelDeployment(grpc::ServerContext* call,
                                const v1::CancelDeploymentRequest* request,
                                v1::CancelDeploymentResponse* response) override {
    v1::CancelDeploymentRequest known = *request;
    known.set_cancelled_by(CallerForTheRecord(request->cancelled_by(), PeerName(*call)));
    return Finish("CancelDeployment", api::CancelDeployment(context_, known), response);
  }

  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest* request,
                         v1::GetStatusResponse* response) override {
    return Finish("GetStatus", api::GetStatus(context_, *request, kStatusPatience), response);
  }

  grpc::Status TailLogs(grpc::ServerContext* call, const v1::TailLogsRequest* request,
                        grpc::ServerWriter<v1::TailLogsResponse>* stream) override {
    return Leave("TailLogs", api::TailLogs(
                                 context_, *request, [call] { return call->IsCancelled(); },
                                 [stream](const auto& message) { return stream->Write(message); }));
  }

  grpc::ServerWriteReactor<v1::WatchDeploymentResponse>* WatchDeployment(
      grpc::CallbackServerContext*, const v1::WatchDeploymentRequest* request) override {
    return Watch::Start(context_, reader_, *request);
  }

 private:
  const ApiContext context_;
  WatchReader reader_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDeploymentService(const ApiContext& context) {
  return std::make_unique<DeploymentService>(context);
}

}  // namespace davit::api
