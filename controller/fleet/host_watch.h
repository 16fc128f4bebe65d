#ifndef DAVIT_CONTROLLER_FLEET_HOST_WATCH_H_
#define DAVIT_CONTROLLER_FLEET_HOST_WATCH_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/client_callback.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "controller/fleet/call_registry.h"
#include "controller/fleet/host_monitor.h"
#include "davit/worker/v1/worker_service.grpc.pb.h"

namespace davit::fleet {

// What a HostMonitor does. Outlives it where a timer still knows of it.
class HostMonitor::Watch final : public std::enable_shared_from_this<Watch> {
 public:
  Watch(HostMonitorOptions options, const std::shared_ptr<grpc::Channel>& channel, Timer& timer,
        const Clock& clock);

  void Start() { Connect(0); }
  // Nothing happens any more when it returns.
  void Close();

  HostCondition Condition() const;
  void Hurry();
  HostCondition AwaitSettled(absl::Time deadline) const;
  HostCondition Await(v1::Host::State state, absl::Time deadline) const;
  // Keeps what was found out about a host that is AWAY.
  void Explain(std::vector<std::string> facts);
  void Renew();

 private:
  friend class HostMonitor::Stream;

  // Of the stream.
  void Heard(const worker::v1::WatchHostResponse& report);
  void Ended(const grpc::Status& status);

  // Opens a stream, unless something else has happened since `wait` was current.
  void Connect(int64_t wait);
  // Gives up the stream that was opened as number `stream` when it is silent.
  void LookForSilence(int64_t stream);
  // Asks `explain`, on the explainer's thread, unless that is under way.
  void ArmFindOut() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FindOut();
  void ArmLook(int64_t stream, absl::Duration pause);
  void ArmConnect(int64_t wait, absl::Duration pause);

  void Set(v1::Host::State state, std::optional<v1::Failure> problem)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  HostCondition Now() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool Settled() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  absl::Duration Limit() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const HostMonitorOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<worker::v1::WorkerService::Stub> stub_;
  Timer& timer_;
  const Clock& clock_;
  CallRegistry calls_;

  mutable absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  HostCondition condition_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> explanation_ ABSL_GUARDED_BY(mutex_);
  bool finding_out_ ABSL_GUARDED_BY(mutex_) = false;
  int failed_tries_ ABSL_GUARDED_BY(mutex_) = 0;   // since the last report
  bool silent_ ABSL_GUARDED_BY(mutex_) = false;    // there was no report in time
  int hurried_tries_ ABSL_GUARDED_BY(mutex_) = 0;  // that somebody waits for
  int64_t wait_ ABSL_GUARDED_BY(mutex_) = 0;       // grows with each pause
  int64_t stream_ ABSL_GUARDED_BY(mutex_) = 0;     // grows with each stream
  std::shared_ptr<grpc::ClientContext> context_ ABSL_GUARDED_BY(mutex_);  // of an open stream
  bool heard_ ABSL_GUARDED_BY(mutex_) = false;                            // of this stream
  absl::Duration last_heard_ ABSL_GUARDED_BY(mutex_);
  std::optional<v1::Failure> cut_ ABSL_GUARDED_BY(mutex_);  // why this end cancelled it
  bool renewing_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_HOST_WATCH_H_
