#ifndef DAVIT_CLIENT_COMMANDS_TESTING_SCRIPTED_CONTROLLER_H_
#define DAVIT_CLIENT_COMMANDS_TESTING_SCRIPTED_CONTROLLER_H_

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "client/commands/testing/test_program.h"
#include "common/failure/failure.h"
#include "common/rpc/caller_watch.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/server.h"
#include "davit/v1/database_service.grpc.pb.h"
#include "davit/v1/deployment_service.grpc.pb.h"
#include "davit/v1/host_service.grpc.pb.h"
#include "davit/v1/secret_service.grpc.pb.h"

namespace davit::commands {

// Answers as the test says, and remembers what it was asked.
class ScriptedController final : public v1::DeploymentService::Service,
                                 public v1::HostService::Service,
                                 public v1::SecretService::Service,
                                 public v1::DatabaseService::Service {
 public:
  absl::Status error;  // of every call, when it is one
  v1::PlanDeploymentResponse plan;
  v1::CheckDeploymentResponse check;
  bool checks_for_ever = false;  // until the caller goes
  v1::GetStatusResponse status;
  v1::ListDeploymentsResponse history;
  v1::ListHostsResponse hosts;
  v1::ListSecretsResponse secrets;
  v1::ListBackupsResponse backups;
  v1::Deployment cancelled;       // as it is once that was asked for
  bool knows_no_backups = false;  // nor rollbacks: it is older
  std::atomic<int> created = 0;   // deployments
  // While it holds the lock, creations are refused; it becomes live with the first refusal.
  v1::GetStatusResponse being_deployed;
  bool locked = false;
  v1::ListDeploymentsRequest listed() {
    absl::MutexLock lock(&mutex_);
    return listed_;
  }
  // Of the last call that had one.
  v1::DeploymentRequest asked() {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }

  grpc::Status PlanDeployment(grpc::ServerContext*, const v1::PlanDeploymentRequest* request,
                              v1::PlanDeploymentResponse* response) override {
    return Answer(request->deployment(), plan, response);
  }
  grpc::Status ListDeployments(grpc::ServerContext*, const v1::ListDeploymentsRequest* request,
                               v1::ListDeploymentsResponse* response) override {
    absl::MutexLock lock(&mutex_);
    listed_ = *request;
    *response = history;
    return ToGrpcStatus(error);
  }
  grpc::Status CheckDeployment(grpc::ServerContext* context,
                               const v1::CheckDeploymentRequest* request,
                               v1::CheckDeploymentResponse* response) override {
    if (checks_for_ever) CallerWatch(*context).call().Wait(absl::Seconds(30)).IgnoreError();
    return Answer(request->deployment(), check, response);
  }
  grpc::Status CreateDeployment(grpc::ServerContext*, const v1::CreateDeploymentRequest* request,
                                v1::CreateDeploymentResponse* response) override {
    if (locked) {
      status = being_deployed;
      return ToGrpcStatus(FailureStatus(v1::LOCK_HELD, "another deployment runs"));
    }
    ++created;
    v1::CreateDeploymentResponse made;
    made.mutable_deployment()->set_id("d-1");
    return Answer(request->deployment(), made, response);
  }
  grpc::Status GetDeployment(grpc::ServerContext*, const v1::GetDeploymentRequest* request,
                             v1::GetDeploymentResponse* response) override {
    response->mutable_deployment()->set_id(request->id());
    return ToGrpcStatus(error);
  }
  grpc::Status CancelDeployment(grpc::ServerContext*, const v1::CancelDeploymentRequest*,
                                v1::CancelDeploymentResponse* response) override {
    *response->mutable_deployment() = cancelled;
    return ToGrpcStatus(error);
  }
  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest* request,
                         v1::GetStatusResponse* response) override {
    EXPECT_EQ(request->project(), "shop");
    *response = status;
    return grpc::Status::OK;
  }
  grpc::Status ListHosts(grpc::ServerContext*, const v1::ListHostsRequest*,
                         v1::ListHostsResponse* response) override {
    *response = hosts;
    return grpc::Status::OK;
  }
  grpc::Status ListSecrets(grpc::ServerContext*, const v1::ListSecretsRequest*,
                           v1::ListSecretsResponse* response) override {
    *response = secrets;
    return grpc::Status::OK;
  }
  grpc::Status ListBackups(grpc::ServerContext*, const v1::ListBackupsRequest*,
                           v1::ListBackupsResponse* response) override {
    if (knows_no_backups) return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
    *response = backups;
    return ToGrpcStatus(error);
  }

 private:
  template <class Response>
  grpc::Status Answer(const v1::DeploymentRequest& request, const Response& answer,
                      Response* response) {
    absl::MutexLock lock(&mutex_);
    asked_ = request;
    *response = answer;
    return ToGrpcStatus(error);
  }

  absl::Mutex mutex_;
  v1::DeploymentRequest asked_ ABSL_GUARDED_BY(mutex_);
  v1::ListDeploymentsRequest listed_ ABSL_GUARDED_BY(mutex_);
};

// The program with such a controller, and a project of two apps and two environments.
class ScriptedControllerTest : public ProgramTest {
 protected:
  ScriptedControllerTest() {
    Write(R"(project: shop
apps:
  web: {image: shop/web, env: {clear: {DEBUG: "1"}, secret: [TOKEN]}}
  api: {image: shop/api}
environments:
  dev: {hosts: [dev-1, dev-2]}
  staging: {hosts: [stage-1], apps: {web: {env: {clear: {DEBUG: "0"}}}}}
)");
    auto server =
        Server::Start({.listen = {UnixAddress(directory_ + "/s")},
                       .services = {static_cast<v1::DeploymentService::Service*>(&controller_),
                                    static_cast<v1::HostService::Service*>(&controller_),
                                    static_cast<v1::SecretService::Service*>(&controller_),
                                    static_cast<v1::DatabaseService::Service*>(&controller_)}});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    variables_["DAVIT_CONTROLLER"] = "unix:" + directory_ + "/s";
  }

  ScriptedController controller_;
  std::unique_ptr<Server> server_;
};

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_TESTING_SCRIPTED_CONTROLLER_H_
