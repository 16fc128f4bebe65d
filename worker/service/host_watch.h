#ifndef DAVIT_WORKER_SERVICE_HOST_WATCH_H_
#define DAVIT_WORKER_SERVICE_HOST_WATCH_H_

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/synchronization/mutex.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::service {

// One WatchHost call. Sends the reports that it is offered; a client that reads
// slowly gets the newest. Has no thread of its own; keeps itself alive until gRPC is
// done with it.
class HostWatch final : public grpc::ServerWriteReactor<worker::v1::WatchHostResponse>,
                        public std::enable_shared_from_this<HostWatch> {
 public:
  // `done` is called when gRPC has done with the call, as the last thing.
  using Done = std::function<void(const HostWatch*)>;
  static std::shared_ptr<HostWatch> Make(const worker::v1::WatchHostRequest& request, Done done);

  const std::string& cluster_id() const { return cluster_id_; }
  const std::string& controller_id() const { return controller_id_; }

  // Sends the report unless it is older than the last one, or the same. Reports are
  // numbered from 1. Never blocks.
  void Offer(int64_t number, const worker::v1::WatchHostResponse& report);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // What the call is doing. Only kWriting has a write under way, and a call is
  // finished at no other time than when it has none.
  enum class Phase { kResting, kWriting, kFinished };

  HostWatch(const worker::v1::WatchHostRequest& request, Done done);
  void FinishAsCancelled();

  const std::string cluster_id_;
  const std::string controller_id_;
  const Done done_;
  worker::v1::WatchHostResponse response_;  // what is being written

  absl::Mutex mutex_;
  Phase phase_ ABSL_GUARDED_BY(mutex_) = Phase::kResting;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;        // while it was writing
  int64_t number_ ABSL_GUARDED_BY(mutex_) = 0;            // of the last report that was taken
  bool follows_another_ ABSL_GUARDED_BY(mutex_) = false;  // as that says
  std::optional<worker::v1::WatchHostResponse> waiting_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<HostWatch> self_;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_HOST_WATCH_H_
