#ifndef DAVIT_WORKER_SERVICE_SERVICE_FIXTURE_H_
#define DAVIT_WORKER_SERVICE_SERVICE_FIXTURE_H_

// For tests: a worker with scripted runners behind a real unix socket.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/id.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/server.h"
#include "worker/service/worker_service.h"

namespace davit::service {

using RunFunction = std::function<absl::StatusOr<worker::v1::StepOutputs>(
    const worker::v1::StepSpec&, const steps::StepContext&, steps::StepReporter&)>;

class ScriptedRunner final : public steps::StepRunner {
 public:
  explicit ScriptedRunner(RunFunction run) : run_(std::move(run)) {}
  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const steps::StepContext& context,
                                              steps::StepReporter& reporter) override {
    return run_(spec, context, reporter);
  }

 private:
  const RunFunction run_;
};

inline steps::Runners RunnersFor(const RunFunction& run) {
  steps::Runners runners;
  for (const auto kind :
       {worker::v1::StepSpec::kObserve, worker::v1::StepSpec::kPullImage,
        worker::v1::StepSpec::kStopContainer, worker::v1::StepSpec::kMigrateDatabase}) {
    runners[kind] = std::make_unique<ScriptedRunner>(run);
  }
  return runners;
}

inline absl::StatusOr<worker::v1::StepOutputs> Done(const std::string& summary = "done") {
  worker::v1::StepOutputs outputs;
  outputs.set_summary(summary);
  return outputs;
}

// Runs until it is told to stop; longer than any test.
inline absl::StatusOr<worker::v1::StepOutputs> UntilStopped(const steps::StepContext& context) {
  return context.call.Wait(absl::Minutes(10));
}

inline worker::v1::RunStepRequest PullRequest(const std::string& step_id, int64_t fence = 1) {
  worker::v1::RunStepRequest request;
  worker::v1::StepKey& key = *request.mutable_key();
  key.set_cluster_id("cluster");
  key.set_project("shop");
  key.set_environment("dev");
  key.set_deployment_id("d-1");
  key.set_step_id(step_id);
  key.set_attempt(1);
  request.set_fence(fence);
  request.mutable_timeout()->set_seconds(60);
  request.mutable_spec()->mutable_pull_image()->set_reference("web:1");
  return request;
}

// One open RunStep call.
class StepStream {
 public:
  StepStream(worker::v1::WorkerService::Stub& stub, const worker::v1::RunStepRequest& request) {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    reader_ = stub.RunStep(&context_, request);
  }
  ~StepStream() { context_.TryCancel(); }

  // False at the end of the stream.
  bool Read(worker::v1::RunStepResponse& message) { return reader_->Read(&message); }
  // The next message; an empty one at the end.
  worker::v1::RunStepResponse Next() {
    worker::v1::RunStepResponse message;
    if (!Read(message)) message.Clear();
    return message;
  }
  std::vector<worker::v1::RunStepResponse> ReadAll() {
    std::vector<worker::v1::RunStepResponse> all;
    for (worker::v1::RunStepResponse message; Read(message);) all.push_back(message);
    return all;
  }
  // What `finished` says; empty when the stream ends without.
  worker::v1::StepFinished Finished() {
    const auto all = ReadAll();
    return all.empty() ? worker::v1::StepFinished() : all.back().finished();
  }
  absl::Status Status() {
    ReadAll();
    return FromGrpcStatus(reader_->Finish());
  }
  void Break() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<worker::v1::RunStepResponse>> reader_;
};

// One open WatchHost call.
class HostStream {
 public:
  explicit HostStream(worker::v1::WorkerService::Stub& stub,
                      const std::string& controller_id = "") {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    worker::v1::WatchHostRequest request;
    request.set_cluster_id("cluster");
    request.set_controller_id(controller_id);
    reader_ = stub.WatchHost(&context_, request);
  }
  ~HostStream() { context_.TryCancel(); }

  // The next report; an empty one at the end.
  worker::v1::WatchHostResponse Next() {
    worker::v1::WatchHostResponse report;
    if (!reader_->Read(&report)) report.Clear();
    return report;
  }
  void Break() { context_.TryCancel(); }
  absl::Status Status() {
    for (worker::v1::WatchHostResponse report; reader_->Read(&report);) continue;
    return FromGrpcStatus(reader_->Finish());
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<worker::v1::WatchHostResponse>> reader_;
};

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() : directory_(std::filesystem::temp_directory_path() / ("davit-" + NewRandomId())) {
    std::filesystem::create_directory(directory_);
  }
  ~ServiceTest() override {
    End();
    std::filesystem::remove_all(directory_);
  }

  std::string state_directory() const { return directory_ / "state"; }

  void Start(const RunFunction& run) { Start(run, directory_ / "no-docker.sock"); }
  void Start(const RunFunction& run, const std::string& docker_socket) {
    auto engine = std::make_shared<docker::Engine>(docker_socket);
    auto worker = Worker::Open(
        {.state_directory = state_directory(), .host_reports = host_reports_, .builds = builds_},
        std::move(engine), RunnersFor(run));
    ASSERT_TRUE(worker.ok()) << worker.status();
    worker_ = *std::move(worker);
    const Address address = UnixAddress(directory_ / "worker.sock");
    ServerOptions options;
    options.listen = {address};
    options.services = {&worker_->service()};
    auto server = Server::Start(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = worker::v1::WorkerService::NewStub(MakeChannel(address));
  }
  // Ends the worker as a process that is told to: handlers first.
  void End() {
    if (server_ != nullptr) server_->Shutdown(absl::Now());
    server_.reset();
    worker_.reset();
  }

  absl::Status Acknowledge(const worker::v1::RunStepRequest& step) {
    grpc::ClientContext context;
    worker::v1::AckStepRequest request;
    worker::v1::AckStepResponse response;
    *request.mutable_key() = step.key();
    return FromGrpcStatus(stub_->AckStep(&context, request, &response));
  }
  bool Cancel(const worker::v1::RunStepRequest& step) {
    grpc::ClientContext context;
    worker::v1::CancelStepRequest request;
    worker::v1::CancelStepResponse response;
    *request.mutable_key() = step.key();
    return stub_->CancelStep(&context, request, &response).ok() && response.known();
  }
  absl::StatusOr<worker::v1::AdoptControllerResponse> Adopt(const std::string& controller_id) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    worker::v1::AdoptControllerRequest request;
    worker::v1::AdoptControllerResponse response;
    request.set_cluster_id("cluster");
    request.set_controller_id(controller_id);
    const absl::Status status =
        FromGrpcStatus(stub_->AdoptController(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }
  worker::v1::ListStepsResponse List(const std::string& cluster_id = "") {
    grpc::ClientContext context;
    worker::v1::ListStepsRequest request;
    worker::v1::ListStepsResponse response;
    request.set_cluster_id(cluster_id);
    EXPECT_TRUE(stub_->ListSteps(&context, request, &response).ok());
    return response;
  }

  const std::filesystem::path directory_;
  HostReportTiming host_reports_;
  BuildLimits builds_ = {.most = 4};
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<worker::v1::WorkerService::Stub> stub_;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_SERVICE_FIXTURE_H_
