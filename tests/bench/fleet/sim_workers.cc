// Many workers in one process that do nothing, at once: what is measured against them is
// the controller. Prints its address and serves until its standard input ends.
//   sim_workers CERTIFICATES
#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "common/rpc/server.h"
#include "common/tls/identity.h"
#include "davit/worker/v1/worker_service.grpc.pb.h"
#include "tests/bench/logs/numbered_lines.h"

namespace davit {
namespace {

using worker::v1::RunStepRequest;
using worker::v1::RunStepResponse;
using worker::v1::WatchHostResponse;

constexpr absl::Duration kReportInterval = absl::Seconds(5);

// What a step of a real worker would have found or made.
RunStepResponse Finished(const RunStepRequest& request) {
  RunStepResponse response;
  worker::v1::StepFinished& finished = *response.mutable_finished();
  finished.set_outcome(worker::v1::StepFinished::SUCCEEDED);
  worker::v1::StepOutputs& outputs = *finished.mutable_outputs();
  const worker::v1::StepSpec& spec = request.spec();
  if (spec.has_observe()) outputs.mutable_observe()->set_os("linux");
  if (spec.has_resolve_image()) {
    outputs.mutable_image()->set_reference(spec.resolve_image().reference());
    outputs.mutable_image()->set_digest("registry.example/web@sha256:" + std::string(64, 'a'));
    outputs.mutable_image()->set_image_id("sha256:" + std::string(64, 'b'));
  }
  if (spec.has_start_container()) {
    outputs.mutable_container()->set_container_id("container of " + request.key().step_id());
  }
  return response;
}

class Step final : public grpc::ServerWriteReactor<RunStepResponse> {
 public:
  explicit Step(const RunStepRequest& request) : finished_(Finished(request)) {
    started_.mutable_started()->set_journal_id("journal");
    StartWrite(&started_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok || done_) return Finish(grpc::Status::OK);
    done_ = true;
    StartWrite(&finished_);
  }
  void OnDone() override { delete this; }

 private:
  RunStepResponse started_;
  RunStepResponse finished_;
  bool done_ = false;
};

// Reports until it is cancelled. Its alarm and its writes take turns, so that it ends once.
class Reports final : public grpc::ServerWriteReactor<WatchHostResponse> {
 public:
  Reports() {
    report_.set_journal_id("journal");
    report_.mutable_facts()->set_docker_version("20.10");
    report_.mutable_facts()->set_platform("linux/amd64");
    StartWrite(&report_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    alarm_.Set(absl::ToChronoTime(absl::Now() + kReportInterval), [this](bool) {
      if (cancelled_) return Finish(grpc::Status::CANCELLED);
      StartWrite(&report_);
    });
  }
  void OnCancel() override {
    cancelled_ = true;
    alarm_.Cancel();
  }
  void OnDone() override { delete this; }

 private:
  WatchHostResponse report_;
  grpc::Alarm alarm_;
  std::atomic<bool> cancelled_ = false;
};

class SimWorkers final : public worker::v1::WorkerService::CallbackService {
  grpc::ServerWriteReactor<RunStepResponse>* RunStep(grpc::CallbackServerContext*,
                                                     const RunStepRequest* request) override {
    return new Step(*request);
  }
  grpc::ServerUnaryReactor* AckStep(grpc::CallbackServerContext* context,
                                    const worker::v1::AckStepRequest*,
                                    worker::v1::AckStepResponse*) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerWriteReactor<WatchHostResponse>* WatchHost(
      grpc::CallbackServerContext*, const worker::v1::WatchHostRequest*) override {
    return new Reports();
  }
  grpc::ServerWriteReactor<worker::v1::TailLogsResponse>* TailLogs(
      grpc::CallbackServerContext*, const worker::v1::TailLogsRequest* request) override {
    return new NumberedLines(request->tail());
  }
};

int Main(const std::string& certificates) {
  const auto tls = LoadTls(TlsFilesIn(certificates), absl::Now());
  if (!tls.ok()) {
    std::cerr << tls.status() << std::endl;
    return 1;
  }
  SimWorkers workers;
  const auto server = Server::Start({.listen = {{.host = "127.0.0.1", .port = 0}},
                                     .tls = *tls,
                                     .allow = {"*"},
                                     .services = {&workers}});
  if (!server.ok()) {
    std::cerr << server.status() << std::endl;
    return 1;
  }
  std::cout << ToText((*server)->addresses().front()) << std::endl;
  while (std::getchar() != EOF) {
  }
  return 0;
}

}  // namespace
}  // namespace davit

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: sim_workers CERTIFICATES" << std::endl;
    return 2;
  }
  return davit::Main(argv[1]);
}
