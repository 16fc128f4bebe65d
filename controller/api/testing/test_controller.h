#ifndef DAVIT_CONTROLLER_API_TESTING_TEST_CONTROLLER_H_
#define DAVIT_CONTROLLER_API_TESTING_TEST_CONTROLLER_H_

#include <grpcpp/client_context.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/rpc/server.h"
#include "controller/api/builds/build_service.h"
#include "controller/api/databases/database_service.h"
#include "controller/api/deployments/deployment_service.h"
#include "controller/api/hosts/host_service.h"
#include "controller/api/secrets/secret_service.h"
#include "controller/store/memory/memory_store.h"
#include "davit/v1/build_service.grpc.pb.h"
#include "davit/v1/database_service.grpc.pb.h"
#include "davit/v1/host_service.grpc.pb.h"
#include "davit/v1/secret_service.grpc.pb.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

// What the tests of the services share.
namespace davit::api {

// A worker that takes steps and never ends them, but for looks where it is told so, and says of its
// host what a test wants.
class QuietWorker final : public fleet::WorkerClient {
 public:
  void RunStep(worker::v1::RunStepRequest request,
               std::shared_ptr<fleet::StepObserver> observer) override;
  void CancelStep(const worker::v1::StepKey&) override {}
  void AckStep(const worker::v1::StepKey&) override {}
  absl::StatusOr<worker::v1::GetHostResponse> GetHost(const worker::v1::GetHostRequest& request,
                                                      const Call& call) override;
  absl::StatusOr<worker::v1::WatchHostResponse> FirstReport(
      const worker::v1::WatchHostRequest& request, const Call& call) override;
  absl::StatusOr<worker::v1::AdoptControllerResponse> AdoptController(
      const worker::v1::AdoptControllerRequest& request, const Call& call) override;
  absl::StatusOr<worker::v1::ListBackupsResponse> ListBackups(
      const worker::v1::ListBackupsRequest& request, const Call&) override {
    return on_list_backups(request);
  }
  absl::Status TailLogs(const worker::v1::TailLogsRequest& request, const Call& call,
                        absl::FunctionRef<bool(const worker::v1::TailLogsResponse&)> sink) override;
  absl::StatusOr<v1::BuiltImage> BuildImage(const worker::v1::BuildJob& job, ContextPieces context,
                                            const Call& call, BuildSink sink) override {
    return on_build_image(job, context, call, sink);
  }

  bool looks = false;  // ends the steps of a survey
  std::function<absl::StatusOr<worker::v1::GetHostResponse>(const worker::v1::GetHostRequest&,
                                                            const Call&)>
      on_get_host = [](const auto&, const auto&) { return worker::v1::GetHostResponse(); };
  absl::StatusOr<worker::v1::WatchHostResponse> report = worker::v1::WatchHostResponse();
  std::function<absl::StatusOr<worker::v1::AdoptControllerResponse>(
      const worker::v1::AdoptControllerRequest&)>
      on_adopt;
  std::function<absl::StatusOr<worker::v1::ListBackupsResponse>(
      const worker::v1::ListBackupsRequest&)>
      on_list_backups;
  std::function<absl::Status(const worker::v1::TailLogsRequest&, const Call&,
                             absl::FunctionRef<bool(const worker::v1::TailLogsResponse&)>)>
      on_tail_logs;
  std::function<absl::StatusOr<v1::BuiltImage>(const worker::v1::BuildJob&, ContextPieces,
                                               const Call&, BuildSink)>
      on_build_image;
};

// A controller as its clients see it: the real service on a real socket, with the
// hosts web1 and web2, which are dialled at "unix:/web1" and "unix:/web2", over a store that the
// test may write to by itself.
class TestController {
 public:
  explicit TestController(const BuildLimits& builds = {.most = 16});
  ~TestController();

  v1::DeploymentService::Stub& stub() { return *stub_; }
  v1::HostService::Stub& hosts() { return *hosts_stub_; }
  v1::SecretService::Stub& secrets() { return *secrets_stub_; }
  v1::BuildService::Stub& builds() { return *builds_stub_; }
  v1::DatabaseService::Stub& databases() { return *databases_stub_; }
  fleet::Fleet& fleet() { return *fleet_; }
  executor::Executor& executor() { return *executor_; }
  test::FakeClock& clock() { return clock_; }
  store::Store& store() { return store_; }
  executor::JournalHub& hub() { return hub_; }
  QuietWorker& worker(const std::string& host) { return *workers_.at(host); }
  std::vector<grpc::Service*> services() {
    return {service_.get(), host_service_.get(), secret_service_.get(), build_service_.get(),
            database_service_.get()};
  }
  void StopServing() { server_->Shutdown(absl::Now()); }

  // Puts a deployment of shop/dev on the hosts web1 and web2.
  void Put(const std::string& id, v1::DeploymentState state = v1::RUNNING);
  // Commits `count` events more in one transaction, then tells the hub. With an end the
  // last one makes the deployment SUCCEEDED, record and all.
  void Append(const std::string& id, int count, bool end = false, size_t bytes = 1);
  // The app's release `number`, live on the hosts of a deployment.
  void PutLive(const std::string& app, int64_t number, const std::string& deployment = "d-1");
  // A host in the records, as well as in the fleet.
  void PutHost(const std::string& name);

 private:
  test::TempDir directory_;
  store::MemoryStore store_;
  test::FakeClock clock_;
  executor::JournalHub hub_;
  std::map<std::string, QuietWorker*> workers_;
  std::unique_ptr<fleet::Fleet> fleet_;
  secrets::Vault vault_{store_, directory_.File("secrets.key")};
  std::unique_ptr<executor::Executor> executor_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Service> host_service_;
  std::unique_ptr<grpc::Service> secret_service_;
  std::unique_ptr<grpc::Service> build_service_;
  std::unique_ptr<grpc::Service> database_service_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<v1::DeploymentService::Stub> stub_;
  std::unique_ptr<v1::HostService::Stub> hosts_stub_;
  std::unique_ptr<v1::SecretService::Stub> secrets_stub_;
  std::unique_ptr<v1::BuildService::Stub> builds_stub_;
  std::unique_ptr<v1::DatabaseService::Stub> databases_stub_;
};

// A context with a deadline that no healthy test reaches.
std::unique_ptr<grpc::ClientContext> Patiently();

// shop/dev on web1 and web2 with the app web, as the loader would give it.
v1::EnvironmentSpec ShopSpec();

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_TESTING_TEST_CONTROLLER_H_
