#ifndef DAVIT_WORKER_SERVICE_HOST_REPORTER_H_
#define DAVIT_WORKER_SERVICE_HOST_REPORTER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "davit/worker/v1/worker_service.pb.h"
#include "worker/docker/engine.h"
#include "worker/service/host_collector.h"
#include "worker/service/host_report_timing.h"
#include "worker/service/host_watch.h"
#include "worker/service/journal.h"

namespace davit::service {

// Tells those who watch the host how it is: at once, then at each interval, and soon
// after an important change. Looks on one thread of its own, and only while somebody
// watches. Thread-safe.
class HostReporter {
 public:
  // Engine and journal are not owned. Throws std::system_error where the system has
  // no more threads.
  HostReporter(docker::Engine* engine, Journal* journal, std::string worker_version,
               const HostReportTiming& timing);
  // Waits until every watch has ended; the server must have been shut down.
  ~HostReporter();

  // The reactor to give to gRPC.
  HostWatch* Begin(const worker::v1::WatchHostRequest& request);
  // A report is due now.
  void Refresh();

 private:
  struct Report {
    int64_t number = 0;  // 0: there is none
    absl::Time time;     // by the steady clock
    worker::v1::WatchHostResponse response;
  };

  void Run();
  bool AwaitWatches();
  void Collect();
  void Tell(const std::vector<std::shared_ptr<HostWatch>>& watches);
  void Tell(HostWatch& watch, Report report);
  void Pause();
  void End(const HostWatch* watch);
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || !watches_.empty(); }
  bool NoWatch() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return watches_.empty(); }
  bool IsDue() const ABSL_LOCKS_EXCLUDED(mutex_);

  Journal* const journal_;
  const HostReportTiming timing_;
  HostCollector collector_;  // of the thread
  CancelToken stop_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool refresh_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<CancelToken> pause_ ABSL_GUARDED_BY(mutex_);  // cancelled: it is over
  std::vector<std::shared_ptr<HostWatch>> watches_ ABSL_GUARDED_BY(mutex_);
  Report latest_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_HOST_REPORTER_H_
