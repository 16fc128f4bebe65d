#ifndef DAVIT_CLIENT_COMMANDS_DEPLOYMENTS_EVENT_STREAM_H_
#define DAVIT_CLIENT_COMMANDS_DEPLOYMENTS_EVENT_STREAM_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "davit/v1/deployment_service.grpc.pb.h"

namespace davit::commands {

// One WatchDeployment call, read on a thread of its own so that whoever watches
// can do other things while nothing comes.
class EventStream {
 public:
  // `stub` outlives the stream.
  EventStream(v1::DeploymentService::Stub& stub, const std::string& id, int64_t after_sequence);
  ~EventStream();  // ends the call

  // The next event; nullopt when none came within `timeout` or the stream ended.
  std::optional<v1::Event> Next(absl::Duration timeout);
  // How the stream ended, once all its events were taken; nullopt before.
  std::optional<grpc::Status> End();

 private:
  void Read();
  bool Ready() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  // Events that wait; more are left to gRPC's flow control.
  static constexpr size_t kCapacity = 4096;

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchDeploymentResponse>> reader_;
  absl::Mutex mutex_;
  std::deque<v1::Event> events_ ABSL_GUARDED_BY(mutex_);
  std::optional<grpc::Status> end_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_DEPLOYMENTS_EVENT_STREAM_H_
