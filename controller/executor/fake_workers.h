#ifndef DAVIT_CONTROLLER_EXECUTOR_FAKE_WORKERS_H_
#define DAVIT_CONTROLLER_EXECUTOR_FAKE_WORKERS_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "controller/fleet/fleet.h"

namespace davit::executor {

// Workers for tests. They keep the contract of the real ones: a step is begun
// once and attached to after that, its result stays until it is acknowledged.
// All of them speak from one thread of their own. They outlive controllers.
class FakeWorkers {
 public:
  using Response = worker::v1::RunStepResponse;
  using Key = worker::v1::StepKey;

  FakeWorkers();
  ~FakeWorkers();

  // Clients of the workers on `hosts`, for one controller.
  std::unique_ptr<fleet::Fleet> Connect(const std::vector<std::string>& hosts);

  // --- What happens to steps of a kind; else they succeed at once.
  // UNSPECIFIED: no more.
  void Fail(const std::string& kind, v1::FailureCode code);
  void FailWith(const std::string& kind, const v1::Failure& failure);
  void Hold(const std::string& kind);
  // Ends the steps that are held, now and from now on.
  void Release(const std::string& kind);
  // The stream ends with `status` and the step never begins.
  void Refuse(const std::string& kind, const absl::Status& status);
  // What every host shows to who looks at it.
  void Show(const worker::v1::HostObservation& observation);
  // What migrations mean; at first SAFE.
  void MakeMigrations(v1::SchemaMeaning meaning);
  // The step logs `lines` before it ends.
  void Log(const std::string& kind, int lines);
  // The step, which is held, logs `lines` now, on the caller's thread.
  void SayLines(const std::string& step_id, int lines);
  // The one backup that every host has; at first they have none.
  void SetBackup(const std::string& path, const std::string& sha256 = "");
  // It cannot be used.
  void SetUnusableBackup(const std::string& path, const std::string& reason);
  // Called on the controller's thread for each RunStep.
  void OnRun(std::function<void(const worker::v1::RunStepRequest&)> look);

  // --- What has happened.
  std::vector<worker::v1::RunStepRequest> Runs(const std::string& kind) const;
  // Times that steps were begun, by step id.
  std::map<std::string, int> Begun() const;
  // Waits until `count` steps have been acknowledged: that comes after the commit.
  bool AwaitAcknowledged(size_t count) const;
  std::set<std::string> Cancelled() const;
  // Waits until `count` steps of `kind` have been begun and have not ended.
  bool AwaitHeld(const std::string& kind, int count = 1) const;

  // Runs `work` on the workers' thread.
  void Post(std::function<void()> work);

 private:
  friend class FakeWorkerClient;

  struct Step {
    worker::v1::RunStepRequest request;
    std::vector<std::shared_ptr<fleet::StepObserver>> observers;
    bool ended = false;
    worker::v1::StepFinished result;
  };
  struct Script {
    bool held = false;
    std::optional<v1::Failure> failure;
    absl::Status refusal;
    int lines = 0;
  };

  worker::v1::ListBackupsResponse Backups() const;
  void RunStep(worker::v1::RunStepRequest request, std::shared_ptr<fleet::StepObserver> observer);
  void CancelStep(const Key& key);
  void AckStep(const Key& key);
  // On the workers' thread.
  void Attach(const worker::v1::RunStepRequest& request,
              std::shared_ptr<fleet::StepObserver> observer);
  void End(const std::string& step_id, const worker::v1::StepFinished& result);
  worker::v1::StepFinished SuccessOf(const worker::v1::RunStepRequest& request) const;
  Script ScriptOf(const std::string& kind) const;
  void Loop();

  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::function<void()>> posted_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Script> scripts_ ABSL_GUARDED_BY(mutex_);
  v1::SchemaMeaning meaning_ ABSL_GUARDED_BY(mutex_) = v1::SCHEMA_SAFE;
  worker::v1::HostObservation shown_ ABSL_GUARDED_BY(mutex_);
  std::function<void(const worker::v1::RunStepRequest&)> look_ ABSL_GUARDED_BY(mutex_);
  std::vector<worker::v1::RunStepRequest> runs_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Step> steps_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> running_ ABSL_GUARDED_BY(mutex_);  // by kind
  std::map<std::string, int> begun_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> acknowledged_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> cancelled_ ABSL_GUARDED_BY(mutex_);
  worker::v1::ListBackupsResponse backups_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

// The oneof member's name.
std::string KindOf(const worker::v1::StepSpec& spec);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_FAKE_WORKERS_H_
