#include "tests/bench/instant_workers.h"

#include "absl/strings/str_cat.h"

namespace davit::bench {
namespace {

using worker::v1::RunStepRequest;
using worker::v1::RunStepResponse;

RunStepResponse StartedResponse() {
  RunStepResponse response;
  response.mutable_started()->set_journal_id("journal");
  return response;
}

// What the planner needs of the steps that look, and the rollback of those that do.
RunStepResponse SuccessOf(const RunStepRequest& request) {
  RunStepResponse response;
  worker::v1::StepFinished& finished = *response.mutable_finished();
  finished.set_outcome(worker::v1::StepFinished::SUCCEEDED);
  worker::v1::StepOutputs& outputs = *finished.mutable_outputs();
  outputs.set_summary(InstantWorkers::SummaryOf(request.key().step_id()));
  const worker::v1::StepSpec& spec = request.spec();
  if (spec.has_observe()) outputs.mutable_observe()->set_os("linux");
  if (spec.has_resolve_image()) {
    outputs.mutable_image()->set_reference(spec.resolve_image().reference());
    outputs.mutable_image()->set_image_id("sha256:1234");
  }
  if (spec.has_start_container()) {
    outputs.mutable_container()->set_container_id("container of " + request.key().step_id());
  }
  return response;
}

}  // namespace

class InstantWorkers::Client final : public fleet::WorkerClient {
 public:
  explicit Client(InstantWorkers& workers) : workers_(workers) {}

  void RunStep(RunStepRequest request, std::shared_ptr<fleet::StepObserver> observer) override {
    absl::MutexLock lock(&workers_.mutex_);
    workers_.started_.emplace_back(std::move(request), std::move(observer));
  }
  void CancelStep(const worker::v1::StepKey&) override {}
  void AckStep(const worker::v1::StepKey& key) override {
    if (workers_.on_ack_) workers_.on_ack_(key);
  }
  absl::StatusOr<worker::v1::GetHostResponse> GetHost(const worker::v1::GetHostRequest&,
                                                      const Call&) override {
    return worker::v1::GetHostResponse();
  }
  absl::StatusOr<worker::v1::WatchHostResponse> FirstReport(const worker::v1::WatchHostRequest&,
                                                            const Call&) override {
    return worker::v1::WatchHostResponse();
  }
  absl::StatusOr<worker::v1::AdoptControllerResponse> AdoptController(
      const worker::v1::AdoptControllerRequest&, const Call&) override {
    return worker::v1::AdoptControllerResponse();
  }
  absl::StatusOr<worker::v1::ListBackupsResponse> ListBackups(const worker::v1::ListBackupsRequest&,
                                                              const Call&) override {
    return worker::v1::ListBackupsResponse();
  }
  absl::Status TailLogs(const worker::v1::TailLogsRequest&, const Call&,
                        absl::FunctionRef<bool(const worker::v1::TailLogsResponse&)>) override {
    return absl::OkStatus();
  }
  absl::StatusOr<v1::BuiltImage> BuildImage(const worker::v1::BuildJob&, ContextPieces, const Call&,
                                            BuildSink) override {
    return absl::UnimplementedError("no deployment builds");
  }

 private:
  InstantWorkers& workers_;
};

InstantWorkers::InstantWorkers(OnAck on_ack)
    : on_ack_(std::move(on_ack)), thread_([this] { Loop(); }) {}

InstantWorkers::~InstantWorkers() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  thread_.join();
}

std::unique_ptr<fleet::Fleet> InstantWorkers::Connect(const std::vector<std::string>& hosts) {
  auto fleet = std::make_unique<fleet::Fleet>(
      [this](const std::string&, const std::string&) -> absl::StatusOr<fleet::HostLink> {
        return fleet::HostLink{std::make_unique<Client>(*this), nullptr};
      });
  for (const std::string& host : hosts) fleet->Add(host, "in this process").IgnoreError();
  return fleet;
}

std::string InstantWorkers::SummaryOf(const std::string& step_id) {
  return absl::StrCat("result of ", step_id, ".");
}

void InstantWorkers::Loop() {
  const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopped_ || !started_.empty();
  };
  while (true) {
    std::deque<Started> started;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&ready));
      if (started_.empty()) return;
      started.swap(started_);
    }
    for (const auto& [request, observer] : started) {
      observer->OnEvent(StartedResponse());
      observer->OnEvent(SuccessOf(request));
      observer->OnDone(absl::OkStatus());
    }
  }
}

}  // namespace davit::bench
