#ifndef DAVIT_WORKER_SERVICE_WORKER_SERVICE_H_
#define DAVIT_WORKER_SERVICE_WORKER_SERVICE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/build_terms.h"
#include "davit/worker/v1/worker_service.grpc.pb.h"
#include "worker/docker/engine.h"
#include "worker/service/host_report_timing.h"
#include "worker/steps/step_runner.h"

namespace davit::service {

struct WorkerOptions {
  std::string state_directory;    // journal and fences; 0700, made when absent
  HostReportTiming host_reports;  // how often WatchHost looks
  // Logins of the host, as `docker login` writes them, for builds; empty: there are none.
  std::string docker_config_path = "";
  BuildLimits builds = {.most = 4};
};

// A worker: its step journal, the steps that run, and the gRPC service in front
// of them. Steps outlive streams; ending the object cancels nothing on disk:
// the next worker with the same directory goes on.
class Worker {
 public:
  // Opens the journal. The engine and runners outlive nothing: they are owned.
  static absl::StatusOr<std::unique_ptr<Worker>> Open(const WorkerOptions& options,
                                                      std::shared_ptr<docker::Engine> engine,
                                                      steps::Runners runners);
  virtual ~Worker() = default;

  // To be registered with a server; owned by the worker.
  virtual worker::v1::WorkerService::Service& service() = 0;
  // Number of steps that run now.
  virtual int running_steps() const = 0;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_WORKER_SERVICE_H_
