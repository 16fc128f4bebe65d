#ifndef DAVIT_CONTROLLER_FLEET_SCRIPTED_WORKER_H_
#define DAVIT_CONTROLLER_FLEET_SCRIPTED_WORKER_H_

#include <grpcpp/server_context.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/rpc/server.h"
#include "controller/fleet/timer.h"
#include "controller/fleet/worker_client.h"
#include "davit/worker/v1/worker_service.grpc.pb.h"

// What the tests of this folder share.
namespace davit::fleet {

// A worker that does what a test says, on a real socket.
class ScriptedWorker final : public worker::v1::WorkerService::Service {
 public:
  using Stream = grpc::ServerWriter<worker::v1::RunStepResponse>;
  using Script =
      std::function<grpc::Status(grpc::ServerContext&, const worker::v1::RunStepRequest&, Stream&)>;

  ScriptedWorker();
  ~ScriptedWorker() override;

  void Start();
  void Stop();
  // For handlers: returns when the worker stops.
  grpc::Status Hold();
  // The same, or when the caller has gone.
  grpc::Status HoldWhile(grpc::ServerContext& context);
  const std::string& path() const { return path_; }

  // What the next RunStep calls do, one each; the last one is repeated.
  void Play(std::vector<Script> scripts);
  // Waits until there are `count` requests, and returns them.
  std::vector<worker::v1::RunStepRequest> AwaitRequests(size_t count);
  std::vector<std::string> AwaitCancels(size_t count);
  std::vector<std::string> AwaitAcks(size_t count);

  using WatchStream = grpc::ServerWriter<worker::v1::WatchHostResponse>;
  using WatchScript = std::function<grpc::Status(
      grpc::ServerContext&, const worker::v1::WatchHostRequest&, WatchStream&)>;
  // The same for WatchHost. Without it the method is not known.
  void PlayWatch(std::vector<WatchScript> scripts);
  int watches();

  std::function<grpc::Status(grpc::ServerContext&, worker::v1::GetHostResponse&)> on_get_host;
  std::function<grpc::Status(grpc::ServerContext&,
                             grpc::ServerWriter<worker::v1::TailLogsResponse>&)>
      on_tail_logs;
  using BuildStream =
      grpc::ServerReaderWriter<worker::v1::BuildImageResponse, worker::v1::BuildImageRequest>;
  std::function<grpc::Status(grpc::ServerContext&, BuildStream&)> on_build_image;
  std::function<grpc::Status(const worker::v1::AdoptControllerRequest&,
                             worker::v1::AdoptControllerResponse&)>
      on_adopt;
  // Without it the method is not known.
  std::function<grpc::Status(const worker::v1::ListBackupsRequest&,
                             worker::v1::ListBackupsResponse&)>
      on_list_backups;

 private:
  grpc::Status RunStep(grpc::ServerContext* context, const worker::v1::RunStepRequest* request,
                       Stream* stream) override;
  grpc::Status CancelStep(grpc::ServerContext*, const worker::v1::CancelStepRequest* request,
                          worker::v1::CancelStepResponse*) override;
  grpc::Status AckStep(grpc::ServerContext*, const worker::v1::AckStepRequest* request,
                       worker::v1::AckStepResponse*) override;
  grpc::Status GetHost(grpc::ServerContext* context, const worker::v1::GetHostRequest*,
                       worker::v1::GetHostResponse* response) override;
  grpc::Status TailLogs(grpc::ServerContext* context, const worker::v1::TailLogsRequest*,
                        grpc::ServerWriter<worker::v1::TailLogsResponse>* stream) override;
  grpc::Status BuildImage(grpc::ServerContext* context, BuildStream* stream) override {
    return on_build_image(*context, *stream);
  }

  grpc::Status WatchHost(grpc::ServerContext* context, const worker::v1::WatchHostRequest* request,
                         WatchStream* stream) override;
  grpc::Status AdoptController(grpc::ServerContext*,
                               const worker::v1::AdoptControllerRequest* request,
                               worker::v1::AdoptControllerResponse* response) override;
  grpc::Status ListBackups(grpc::ServerContext* context,
                           const worker::v1::ListBackupsRequest* request,
                           worker::v1::ListBackupsResponse* response) override;

  std::string directory_;
  std::string path_;
  std::unique_ptr<Server> server_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Script> scripts_ ABSL_GUARDED_BY(mutex_);
  std::vector<WatchScript> watch_scripts_ ABSL_GUARDED_BY(mutex_);
  int watches_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<worker::v1::RunStepRequest> requests_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> cancels_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> acks_ ABSL_GUARDED_BY(mutex_);
};

// Keeps what it hears.
class RecordingObserver final : public StepObserver {
 public:
  void OnEvent(const worker::v1::RunStepResponse& event) override;
  void OnDone(const absl::Status& status) override;

  std::vector<worker::v1::RunStepResponse> AwaitEvents(size_t count);
  absl::Status AwaitDone();
  int done_calls();

 private:
  absl::Mutex mutex_;
  std::vector<worker::v1::RunStepResponse> events_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Status> done_ ABSL_GUARDED_BY(mutex_);
};

// Runs nothing until a test says so.
class ManualTimer final : public Timer {
 public:
  absl::Duration Uptime() const override;
  void After(absl::Duration delay, std::function<void()> action) override;

  // Waits for an action, lets its delay pass, runs it. Returns the delay.
  absl::Duration RunNext();
  size_t AwaitPending(size_t count);

 private:
  mutable absl::Mutex mutex_;
  absl::Duration uptime_ ABSL_GUARDED_BY(mutex_);
  std::multimap<absl::Duration, std::function<void()>> actions_ ABSL_GUARDED_BY(mutex_);
};

worker::v1::RunStepRequest StepRequest(const std::string& step_id);
worker::v1::RunStepResponse StartedEvent(const std::string& journal_id);
worker::v1::RunStepResponse LogEvent(int64_t time_unix_nanos);
worker::v1::RunStepResponse FinishedEvent();

// A script that sends `events` and ends with `status`.
ScriptedWorker::Script Sends(std::vector<worker::v1::RunStepResponse> events,
                             grpc::Status status = grpc::Status::OK);
// A script that sends `events` and then holds the stream until `worker` stops.
ScriptedWorker::Script SendsAndHolds(ScriptedWorker& worker,
                                     std::vector<worker::v1::RunStepResponse> events);

// A script that sends `reports`, then holds the stream until `worker` stops.
ScriptedWorker::WatchScript Reports(ScriptedWorker& worker,
                                    std::vector<worker::v1::WatchHostResponse> reports);
// A script that ends with `status` at once.
ScriptedWorker::WatchScript RefusesWatch(grpc::Status status);
worker::v1::WatchHostResponse ReportOf(const std::string& docker_version);

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_SCRIPTED_WORKER_H_
