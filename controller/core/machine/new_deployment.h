#ifndef DAVIT_CONTROLLER_CORE_MACHINE_NEW_DEPLOYMENT_H_
#define DAVIT_CONTROLLER_CORE_MACHINE_NEW_DEPLOYMENT_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/core/deployment_state.h"
#include "davit/state/v1/state.pb.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::core {

// What the store knows of one app when a deployment of it is created.
struct AppHistory {
  int64_t next_number = 1;                       // of the release
  std::optional<state::v1::ReleaseRecord> live;  // the one that serves
  std::vector<int64_t> kept;                     // numbers whose images are kept, newest first
};

struct NewDeploymentArgs {
  v1::DeploymentRequest request;
  std::string id;
  std::string request_id;
  std::string cluster_id;
  int64_t fence = 0;
  // Of each app that is deployed, is stopped, or is live on a database that is worked on.
  std::map<std::string, AppHistory> history;
  std::vector<worker::v1::SecretUse> secrets;  // one version a name
  bool check_only = false;                     // see DeploymentRecord.check_only
  // For a rollback, see DeploymentRecord: `request` has the apps as they are deployed then.
  std::map<std::string, state::v1::ReleaseRecord> restored;
  std::vector<state::v1::DatabaseHistory> since;     // see DeploymentRecord
  std::vector<state::v1::DatabaseUser> other_users;  // see DeploymentRecord
  std::optional<v1::Backup> backup;                  // see DeploymentRecord
};

// The apps that `request` deploys (all, or those it names), in the order of
// their release: depends_on first, by name where that leaves a choice. None where it works
// on databases alone.
// SPEC_INVALID for an app that the spec lacks, or a cycle.
absl::StatusOr<std::vector<std::string>> ReleaseOrder(const v1::DeploymentRequest& request);

// A PENDING deployment without steps, ready for Apply(Submitted).
// SPEC_INVALID as above, for an image reference that is none, and for an image in no
// registry that should go to several hosts. SCHEMA_NOT_SAFE as CheckSchemaSince says.
absl::StatusOr<DeploymentState> NewDeployment(const NewDeploymentArgs& args, absl::Time now);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_MACHINE_NEW_DEPLOYMENT_H_
