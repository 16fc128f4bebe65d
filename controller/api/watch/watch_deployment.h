#ifndef DAVIT_CONTROLLER_API_WATCH_WATCH_DEPLOYMENT_H_
#define DAVIT_CONTROLLER_API_WATCH_WATCH_DEPLOYMENT_H_

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "controller/api/api_context.h"
#include "controller/api/watch/watch_reader.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::api {

// One WatchDeployment call. It reads a page of the journal, sends it, reads the
// next, and rests when there is none until the hub tells of more. It subscribes
// before its first read, so nothing that is committed meanwhile is missed. Has no
// thread of its own; keeps itself alive until gRPC is done with it.
class Watch final : public grpc::ServerWriteReactor<v1::WatchDeploymentResponse>,
                    public std::enable_shared_from_this<Watch> {
 public:
  // The reactor to give to gRPC. `context` and `reader` outlive the call.
  static Watch* Start(const ApiContext& context, WatchReader& reader,
                      const v1::WatchDeploymentRequest& request);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // What the call is doing. Only kWriting has a write under way, and a call is
  // finished at no other time than when it has none.
  enum class Phase { kResting, kReading, kWriting, kFinished };

  // What one read found.
  struct Page {
    std::vector<v1::Event> events;
    bool ended = false;  // no event follows these
  };

  Watch(const ApiContext& context, WatchReader& reader, const v1::WatchDeploymentRequest& request);

  void Wake();  // there may be something to read
  void EnqueueRead();
  void Read();  // on the reader's thread
  absl::StatusOr<Page> ReadPage();
  void Send(Page page);
  void Rest();
  // Once; later calls do nothing.
  void End(const absl::Status& status);

  const ApiContext& context_;
  WatchReader& reader_;
  const std::string deployment_id_;

  // Used by one of the reader's thread and OnWriteDone at a time.
  int64_t sent_sequence_;  // last one that was sent or is known to the client
  int limit_;              // most events of the next read
  bool last_ = false;      // what is being sent ends the journal
  v1::WatchDeploymentResponse response_;

  absl::Mutex mutex_;
  Phase phase_ ABSL_GUARDED_BY(mutex_) = Phase::kReading;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;      // while it was not resting
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;  // while it was writing
  std::unique_ptr<executor::JournalHub::Subscription> subscription_;
  std::shared_ptr<Watch> self_;
};

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_WATCH_WATCH_DEPLOYMENT_H_
