#ifndef DAVIT_CONTROLLER_FLEET_WORKER_CLIENT_H_
#define DAVIT_CONTROLLER_FLEET_WORKER_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::fleet {

// Hears what a step does. Called from any thread, one call at a time. These threads
// are gRPC's, and few: a call that blocks holds up other streams too, and must
// not wait for anything that comes over one.
class StepObserver {
 public:
  virtual ~StepObserver() = default;
  virtual void OnEvent(const worker::v1::RunStepResponse& event) = 0;
  // Last call, exactly one. OK after `finished` was heard, else why the stream
  // ended; a status with FENCED or JOURNAL_LOST is the worker's final word.
  virtual void OnDone(const absl::Status& status) = 0;
};

// One worker, as the controller sees it. Decorators add re-attachment. Thread-safe.
class WorkerClient {
 public:
  virtual ~WorkerClient() = default;

  // Starts the step or attaches to it. Returns at once. By value: a plan is large, and
  // decorators add to the request instead of copying it.
  virtual void RunStep(worker::v1::RunStepRequest request,
                       std::shared_ptr<StepObserver> observer) = 0;
  // Both return at once; an error is logged and made good by the next attachment.
  virtual void CancelStep(const worker::v1::StepKey& key) = 0;
  virtual void AckStep(const worker::v1::StepKey& key) = 0;

  // HOST_UNREACHABLE when there is no answer by `call`'s deadline.
  virtual absl::StatusOr<worker::v1::GetHostResponse> GetHost(
      const worker::v1::GetHostRequest& request, const Call& call) = 0;
  // The first report of WatchHost. Errors as above.
  virtual absl::StatusOr<worker::v1::WatchHostResponse> FirstReport(
      const worker::v1::WatchHostRequest& request, const Call& call) = 0;
  // Makes the worker follow the controller that is named. HOST_UNREACHABLE too.
  virtual absl::StatusOr<worker::v1::AdoptControllerResponse> AdoptController(
      const worker::v1::AdoptControllerRequest& request, const Call& call) = 0;
  // What a directory of the host has of backups. VERSION_SKEW from a worker that knows none;
  // HOST_UNREACHABLE too.
  virtual absl::StatusOr<worker::v1::ListBackupsResponse> ListBackups(
      const worker::v1::ListBackupsRequest& request, const Call& call) = 0;
  // Calls `sink` until it returns false, the stream ends, or `call` says so.
  virtual absl::Status TailLogs(
      const worker::v1::TailLogsRequest& request, const Call& call,
      absl::FunctionRef<bool(const worker::v1::TailLogsResponse&)> sink) = 0;

  // The next piece of a build's context, 1 MiB at most; empty at its end.
  using ContextPieces = absl::FunctionRef<absl::StatusOr<std::string>()>;
  using BuildSink = absl::FunctionRef<bool(const v1::BuildOutput&)>;
  // Builds on the host: takes all pieces, then calls `sink` until the build's end. A
  // piece's error, `false` from the sink and the end of `call` end the build on the host
  // too. The worker's failure, or HOST_UNREACHABLE.
  virtual absl::StatusOr<v1::BuiltImage> BuildImage(const worker::v1::BuildJob& job,
                                                    ContextPieces context, const Call& call,
                                                    BuildSink sink) = 0;
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_WORKER_CLIENT_H_
