#include "controller/api/testing/test_controller.h"

#include <gtest/gtest.h>

#include <utility>

#include "common/rpc/channel.h"

namespace davit::api {
namespace {

v1::Event EventOf(const state::v1::DeploymentRecord& record, int64_t sequence, size_t bytes) {
  v1::Event event;
  event.set_deployment_id(record.view().id());
  event.set_sequence(sequence);
  event.mutable_log()->set_data(std::string(bytes, 'x'));
  return event;
}

}  // namespace

void QuietWorker::RunStep(worker::v1::RunStepRequest request,
                          std::shared_ptr<fleet::StepObserver> observer) {
  worker::v1::RunStepResponse event;
  event.mutable_started()->set_journal_id(absl::StrCat("journal of ", request.key().project()));
  observer->OnEvent(event);
  const worker::v1::StepSpec& spec = request.spec();
  if (!looks || !(spec.has_observe() || spec.has_resolve_image())) return;
  worker::v1::StepFinished& finished = *event.mutable_finished();
  finished.set_outcome(worker::v1::StepFinished::SUCCEEDED);
  if (spec.has_observe()) {
    finished.mutable_outputs()->mutable_observe()->set_os("linux");
  } else {
    finished.mutable_outputs()->mutable_image()->set_image_id("sha256:1");
  }
  observer->OnEvent(event);
  observer->OnDone(absl::OkStatus());
}

absl::StatusOr<worker::v1::GetHostResponse> QuietWorker::GetHost(
    const worker::v1::GetHostRequest& request, const Call& call) {
  return on_get_host(request, call);
}

absl::StatusOr<worker::v1::WatchHostResponse> QuietWorker::FirstReport(
    const worker::v1::WatchHostRequest&, const Call&) {
  return report;
}

absl::StatusOr<worker::v1::AdoptControllerResponse> QuietWorker::AdoptController(
    const worker::v1::AdoptControllerRequest& request, const Call&) {
  return on_adopt(request);
}

absl::Status QuietWorker::TailLogs(
    const worker::v1::TailLogsRequest& request, const Call& call,
    absl::FunctionRef<bool(const worker::v1::TailLogsResponse&)> sink) {
  return on_tail_logs(request, call, sink);
}

TestController::TestController(const BuildLimits& builds) {
  fleet_ = std::make_unique<fleet::Fleet>(
      [this](const std::string& host, const std::string&) -> absl::StatusOr<fleet::HostLink> {
        auto worker = std::make_unique<QuietWorker>();
        workers_[host] = worker.get();
        return fleet::HostLink{std::move(worker), nullptr};
      });
  for (const char* host : {"web1", "web2"}) {
    EXPECT_TRUE(fleet_->Add(host, absl::StrCat("unix:/", host)).ok());
  }
  executor_ = std::make_unique<executor::Executor>(store_, *fleet_, vault_, clock_, hub_,
                                                   executor::ExecutorOptions());
  EXPECT_TRUE(executor_->Start().ok());
  service_ = MakeDeploymentService({store_, *executor_, hub_, *fleet_, vault_, clock_});
  host_service_ = MakeHostService({store_, *fleet_, clock_});
  secret_service_ = MakeSecretService({store_, vault_, clock_});
  build_service_ =
      MakeBuildService({.store = store_, .fleet = *fleet_, .secrets = vault_, .limits = builds});
  database_service_ = MakeDatabaseService({store_, *fleet_});
  auto server =
      Server::Start({.listen = {UnixAddress(directory_.File("davit"))}, .services = services()});
  EXPECT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  const auto channel = MakeChannel(UnixAddress(directory_.File("davit")));
  stub_ = v1::DeploymentService::NewStub(channel);
  hosts_stub_ = v1::HostService::NewStub(channel);
  secrets_stub_ = v1::SecretService::NewStub(channel);
  builds_stub_ = v1::BuildService::NewStub(channel);
  databases_stub_ = v1::DatabaseService::NewStub(channel);
}

TestController::~TestController() {
  if (server_ != nullptr) server_->Shutdown(absl::Now());
  server_.reset();
  service_.reset();
  executor_.reset();
}

void TestController::Put(const std::string& id, v1::DeploymentState state) {
  state::v1::DeploymentRecord record;
  v1::Deployment& view = *record.mutable_view();
  view.set_id(id);
  view.set_project("shop");
  view.set_environment("dev");
  view.set_state(state);
  view.add_hosts("web1");
  view.add_hosts("web2");
  record.set_request_id(absl::StrCat("request of ", id));
  const absl::Status put =
      store_.Update([&](store::Txn& txn) { return txn.PutDeployment(record); });
  EXPECT_TRUE(put.ok()) << put;
}

void TestController::Append(const std::string& id, int count, bool end, size_t bytes) {
  int64_t last = 0;
  const absl::Status put = store_.Update([&](store::Txn& txn) {
    auto state = txn.GetDeployment(id);
    if (!state.ok()) return state.status();
    state::v1::DeploymentRecord& record = state->record;
    std::vector<v1::Event> events;
    last = record.view().last_sequence();
    while (static_cast<int>(events.size()) < count) {
      events.push_back(EventOf(record, ++last, bytes));
    }
    record.mutable_view()->set_last_sequence(last);
    if (end) {
      record.mutable_view()->set_state(v1::SUCCEEDED);
      *events.back().mutable_deployment() = record.view();
    }
    const absl::Status appended = txn.AppendEvents(events);
    return appended.ok() ? txn.PutDeployment(record) : appended;
  });
  EXPECT_TRUE(put.ok()) << put;
  hub_.Publish(id, last);
}

void TestController::PutLive(const std::string& app, int64_t number,
                             const std::string& deployment) {
  state::v1::ReleaseRecord release;
  release.mutable_view()->set_project("shop");
  release.mutable_view()->set_environment("dev");
  release.mutable_view()->set_app(app);
  release.mutable_view()->set_number(number);
  release.mutable_view()->set_deployment_id(deployment);
  release.mutable_view()->set_image_id(absl::StrCat("sha256:", number));
  release.mutable_view()->set_live(true);
  release.mutable_container()->set_service_name(absl::StrCat("shop-", app));
  const absl::Status put = store_.Update([&](store::Txn& txn) { return txn.PutRelease(release); });
  EXPECT_TRUE(put.ok()) << put;
}

void TestController::PutHost(const std::string& name) {
  state::v1::HostRecord record;
  record.set_name(name);
  record.set_address(absl::StrCat("unix:/", name));
  record.set_added_by("ann@laptop");
  const absl::Status put = store_.Update([&](store::Txn& txn) { return txn.PutHost(record); });
  EXPECT_TRUE(put.ok()) << put;
}

std::unique_ptr<grpc::ClientContext> Patiently() {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
  return context;
}

v1::EnvironmentSpec ShopSpec() {
  v1::EnvironmentSpec spec;
  spec.set_project("shop");
  spec.set_environment("dev");
  spec.add_hosts("web1");
  spec.add_hosts("web2");
  v1::App& app = (*spec.mutable_apps())["web"];
  app.set_image("registry.example.com/shop/web:1");
  app.mutable_container()->set_name("shop-web");
  app.mutable_container()->set_restart("unless-stopped");
  app.mutable_container()->mutable_stop_grace_period()->set_seconds(10);
  app.mutable_strategy()->set_type("recreate");
  app.mutable_strategy()->set_batch(1);
  app.mutable_rollback()->set_automatic(true);
  app.set_retain(5);
  return spec;
}

}  // namespace davit::api
