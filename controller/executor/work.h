#ifndef DAVIT_CONTROLLER_EXECUTOR_WORK_H_
#define DAVIT_CONTROLLER_EXECUTOR_WORK_H_

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/core/machine/state_machine.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::executor {

// Where a caller waits for what becomes of its request. Thread-safe.
class Reply {
 public:
  // The first result stays.
  void Resolve(absl::StatusOr<v1::Deployment> result);
  // DEADLINE_EXCEEDED when there is none by `deadline`.
  absl::StatusOr<v1::Deployment> Await(absl::Time deadline);

 private:
  absl::Mutex mutex_;
  std::optional<absl::StatusOr<v1::Deployment>> result_ ABSL_GUARDED_BY(mutex_);
};

// Something has happened to a deployment.
struct InputWork {
  std::string deployment_id;
  core::Input input;
};
// Someone asks for a deployment.
struct CreateWork {
  v1::CreateDeploymentRequest request;
  std::shared_ptr<Reply> reply;
  std::vector<std::string> notes = {};                    // for its journal
  std::vector<state::v1::DatabaseUser> other_users = {};  // for its record
};
// Someone asks for a deployment's end.
struct CancelWork {
  std::string deployment_id;
  std::string by;
  std::shared_ptr<Reply> reply;
};

using Work = std::variant<InputWork, CreateWork, CancelWork>;

// Null for work that nobody waits for.
Reply* ReplyOf(const Work& work);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_WORK_H_
