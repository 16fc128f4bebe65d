#ifndef DAVIT_CONTROLLER_API_TESTING_WATCH_CLIENT_H_
#define DAVIT_CONTROLLER_API_TESTING_WATCH_CLIENT_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "davit/v1/deployment_service.grpc.pb.h"

namespace davit::api {

// A client that watches without a thread and keeps what it hears.
class WatchClient final : public grpc::ClientReadReactor<v1::WatchDeploymentResponse> {
 public:
  WatchClient(v1::DeploymentService::Stub& stub, const std::string& id, int64_t after = 0);
  ~WatchClient() override;  // cancels, and waits for the end

  void Cancel() { context_->TryCancel(); }
  // The numbers of the events so far, when there are `count` at least.
  std::vector<int64_t> AwaitSequences(size_t count);
  absl::Status AwaitEnd();
  std::vector<int64_t> sequences();
  size_t largest_message();
  int messages();

 private:
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  v1::WatchDeploymentRequest request_;
  const std::unique_ptr<grpc::ClientContext> context_;
  v1::WatchDeploymentResponse response_;
  absl::Mutex mutex_;
  std::vector<int64_t> sequences_ ABSL_GUARDED_BY(mutex_);
  size_t largest_message_ ABSL_GUARDED_BY(mutex_) = 0;
  int messages_ ABSL_GUARDED_BY(mutex_) = 0;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_TESTING_WATCH_CLIENT_H_
