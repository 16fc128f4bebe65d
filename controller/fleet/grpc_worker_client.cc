#include "controller/fleet/grpc_worker_client.h"

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "controller/fleet/build_stream.h"
#include "controller/fleet/host_status.h"
#include "controller/fleet/log_tail.h"

namespace davit::fleet {
namespace {

using worker::v1::RunStepRequest;
using worker::v1::RunStepResponse;
using worker::v1::StepKey;

constexpr absl::Duration kUnaryTimeout = absl::Seconds(30);

// The controller's end of one RunStep stream. Deletes itself when it has ended.
class StepStream final : public grpc::ClientReadReactor<RunStepResponse> {
 public:
  StepStream(const std::string& host, CallRegistry& calls, RunStepRequest request,
             std::shared_ptr<StepObserver> observer)
      : host_(host), calls_(calls), request_(std::move(request)), observer_(std::move(observer)) {}

  void Start(worker::v1::WorkerService::Stub& stub) {
    calls_.Add(context_);
    stub.async()->RunStep(context_.get(), &request_, this);
    StartRead(&response_);
    StartCall();
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return;
    finished_ = finished_ || response_.has_finished();
    observer_->OnEvent(response_);
    StartRead(&response_);
  }

  void OnDone(const grpc::Status& status) override {
    observer_->OnDone(Result(status));
    observer_.reset();
    calls_.Remove(context_.get());
    delete this;
  }

  absl::Status Result(const grpc::Status& status) const {
    if (finished_) return absl::OkStatus();
    if (status.ok()) return HostUnreachable(host_, "the stream ended before the step");
    return HostStatus(host_, status);
  }

  const std::string& host_;
  CallRegistry& calls_;
  const RunStepRequest request_;
  std::shared_ptr<StepObserver> observer_;
  const std::shared_ptr<grpc::ClientContext> context_ = std::make_shared<grpc::ClientContext>();
  RunStepResponse response_;
  bool finished_ = false;
};

// A call whose answer nobody waits for; a failed one is logged.
template <typename Request, typename Response>
struct Unary {
  std::shared_ptr<grpc::ClientContext> context = std::make_shared<grpc::ClientContext>();
  Request request;
  Response response;
};

template <typename Request, typename Response, typename Start>
void Send(const char* name, const std::string& host, CallRegistry& calls, const StepKey& key,
          const Start& start) {
  auto call = std::make_shared<Unary<Request, Response>>();
  *call->request.mutable_key() = key;
  call->context->set_deadline(absl::ToChronoTime(absl::Now() + kUnaryTimeout));
  calls.Add(call->context);
  start(call->context.get(), &call->request, &call->response,
        [call, name, &host, &calls](const grpc::Status& status) {
          if (!status.ok()) {
            spdlog::warn("{} of {} on host {}: {}", name, call->request.key().step_id(), host,
                         status.error_message());
          }
          calls.Remove(call->context.get());
        });
}

// A call whose answer its caller waits for. `invoke` makes it.
template <typename Response, typename Invoke>
absl::StatusOr<Response> Ask(const std::string& host, const Call& call, const Invoke& invoke) {
  if (const absl::Status check = call.Check(); !check.ok()) {
    return HostUnreachable(host, check.message());
  }
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(call.Within(kUnaryTimeout).deadline));
  Response response;
  const grpc::Status status = invoke(&context, &response);
  if (!status.ok()) return HostStatus(host, status);
  return response;
}

}  // namespace

GrpcWorkerClient::GrpcWorkerClient(std::string host, const std::shared_ptr<grpc::Channel>& channel,
                                   std::string controller_id)
    : host_(std::move(host)),
      controller_id_(std::move(controller_id)),
      stub_(worker::v1::WorkerService::NewStub(channel)) {}

GrpcWorkerClient::~GrpcWorkerClient() { calls_.CancelAllAndWait(); }

void GrpcWorkerClient::RunStep(RunStepRequest request, std::shared_ptr<StepObserver> observer) {
  request.set_controller_id(controller_id_);
  (new StepStream(host_, calls_, std::move(request), std::move(observer)))->Start(*stub_);
}

void GrpcWorkerClient::CancelStep(const StepKey& key) {
  Send<worker::v1::CancelStepRequest, worker::v1::CancelStepResponse>(
      "CancelStep", host_, calls_, key,
      [this](auto... arguments) { stub_->async()->CancelStep(std::move(arguments)...); });
}

void GrpcWorkerClient::AckStep(const StepKey& key) {
  Send<worker::v1::AckStepRequest, worker::v1::AckStepResponse>(
      "AckStep", host_, calls_, key,
      [this](auto... arguments) { stub_->async()->AckStep(std::move(arguments)...); });
}

absl::StatusOr<worker::v1::GetHostResponse> GrpcWorkerClient::GetHost(
    const worker::v1::GetHostRequest& request, const Call& call) {
  return Ask<worker::v1::GetHostResponse>(host_, call, [&](auto* context, auto* response) {
    return stub_->GetHost(context, request, response);
  });
}

absl::StatusOr<worker::v1::WatchHostResponse> GrpcWorkerClient::FirstReport(
    const worker::v1::WatchHostRequest& request, const Call& call) {
  return Ask<worker::v1::WatchHostResponse>(host_, call, [&](auto* context, auto* response) {
    const auto stream = stub_->WatchHost(context, request);
    const bool heard = stream->Read(response);
    context->TryCancel();  // it would never end by itself
    const grpc::Status status = stream->Finish();
    if (heard) return grpc::Status::OK;
    return status.ok() ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "it reported nothing")
                       : status;
  });
}

absl::StatusOr<worker::v1::AdoptControllerResponse> GrpcWorkerClient::AdoptController(
    const worker::v1::AdoptControllerRequest& request, const Call& call) {
  return Ask<worker::v1::AdoptControllerResponse>(host_, call, [&](auto* context, auto* response) {
    return stub_->AdoptController(context, request, response);
  });
}

absl::StatusOr<worker::v1::ListBackupsResponse> GrpcWorkerClient::ListBackups(
    const worker::v1::ListBackupsRequest& request, const Call& call) {
  return Ask<worker::v1::ListBackupsResponse>(host_, call, [&](auto* context, auto* response) {
    return stub_->ListBackups(context, request, response);
  });
}

absl::Status GrpcWorkerClient::TailLogs(
    const worker::v1::TailLogsRequest& request, const Call& call,
    absl::FunctionRef<bool(const worker::v1::TailLogsResponse&)> sink) {
  const grpc::Status status = TailLogsUntilCancelled(*stub_, request, call, sink);
  // The caller's own deadline says nothing about the host.
  if (const absl::Status check = call.Check(); !status.ok() && !check.ok()) return check;
  return HostStatus(host_, status);
}

absl::StatusOr<v1::BuiltImage> GrpcWorkerClient::BuildImage(const worker::v1::BuildJob& job,
                                                            ContextPieces context, const Call& call,
                                                            BuildSink sink) {
  return BuildUntilCancelled(host_, *stub_, job, context, call, sink);
}

}  // namespace davit::fleet
