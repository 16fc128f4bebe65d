#ifndef DAVIT_CONTROLLER_EXECUTOR_EXECUTOR_IMPL_H_
#define DAVIT_CONTROLLER_EXECUTOR_EXECUTOR_IMPL_H_

#include <memory>
#include <thread>
#include <vector>

#include "controller/executor/committer.h"
#include "controller/executor/executor.h"
#include "controller/executor/timers.h"
#include "controller/executor/work_queue.h"

namespace davit::executor {

class Executor::Impl {
 public:
  Impl(store::Store& store, const fleet::Fleet& fleet, SecretSource& secrets, const Clock& clock,
       JournalHub& hub, const ExecutorOptions& options);
  ~Impl() { Stop(); }

  absl::Status Start();
  void Stop();
  // Has `work` done and waits for its reply.
  absl::StatusOr<v1::Deployment> Ask(Work work, std::shared_ptr<Reply> reply);
  absl::StatusOr<v1::Deployment> Create(const v1::CreateDeploymentRequest& request);
  absl::StatusOr<v1::PlanDeploymentResponse> Plan(const v1::DeploymentRequest& request,
                                                  absl::Time deadline);
  absl::StatusOr<v1::CheckDeploymentResponse> Check(const v1::DeploymentRequest& request,
                                                    absl::Time deadline,
                                                    absl::FunctionRef<bool()> client_gone);
  void CheckTimers() { timers_.Check(); }

 private:
  // Whether hosts can be deployed to. Waits: not for the thread that commits.
  absl::Status CheckReady(const v1::DeploymentRequest& request, absl::Time deadline) const;
  // A deployment for a plan or a check.
  absl::StatusOr<core::DeploymentState> MakeUnlocked(const v1::DeploymentRequest& request,
                                                     bool check_only);
  // Who checks is told of a deployment that others wait for.
  absl::Status FindLock(const v1::EnvironmentSpec& spec, v1::CheckDeploymentResponse& response);
  // Whether the files that are to have secrets can carry them. Opens them: not for the
  // thread that commits.
  absl::Status CheckValues(const v1::DeploymentRequest& request);
  // Whether a rollback can put back what it would. Waits: not for the thread that commits.
  absl::Status CheckRollback(const v1::DeploymentRequest& request);
  // Who else is live on what it would migrate. Opens secrets: not for the thread that commits.
  absl::StatusOr<std::vector<state::v1::DatabaseUser>> FindOthers(
      const v1::DeploymentRequest& request);
  bool IsKnown(const std::string& request_id);
  // What a new deployment's journal begins with.
  std::vector<std::string> NotesFor(const v1::DeploymentRequest& request);
  // The thread that commits.
  void Run();
  // Sees `work` through: commits it, again where that fails.
  void SeeThrough(std::vector<Work> work);
  // Commits `work` and carries out what is committed. Returns what is to be
  // tried again, in order.
  std::vector<Work> TryOnce(std::vector<Work> work, Committer::Writing writing,
                            absl::Status& error);
  // Does what follows from `work`, which is on disk.
  void CarryOut(const Work& work, Outcome& outcome);
  void GiveUp(std::vector<Work> work, const absl::Status& error);

  void Carry(Command command);
  void Carry(RunCommand command);

  store::Store& store_;
  const fleet::Fleet& fleet_;
  SecretSource& secrets_;
  const Clock& clock_;
  JournalHub& hub_;
  const ExecutorOptions options_;
  // Shared with the observers of steps, which may outlive the executor.
  const std::shared_ptr<WorkQueue> queue_;
  Timers timers_;
  Committer committer_;  // of the thread that commits
  std::thread thread_;
};

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_EXECUTOR_IMPL_H_
