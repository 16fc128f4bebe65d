#ifndef DAVIT_CONTROLLER_EXECUTOR_RESTORATION_H_
#define DAVIT_CONTROLLER_EXECUTOR_RESTORATION_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/store/store.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::executor {

// What a rollback goes back to, from the records.
struct Restoration {
  // The request with the apps and releases that were chosen, each app as it is deployed then.
  v1::DeploymentRequest request;
  std::map<std::string, state::v1::ReleaseRecord> releases;  // by app
  // What deployments after these releases did to the databases of their apps, oldest first,
  // once each, whichever app they were of. What a rollback took back is left out.
  std::vector<state::v1::DatabaseHistory> since;
};

// Reads what `request`, which has a rollback, asks for. Apps that it does not name and that
// have no earlier release stay as they are. NOT_FOUND or WRONG_STATE where there is no such
// release; SECRET_MISSING with all versions of secrets that they had and that were removed
// since.
absl::StatusOr<Restoration> ReadRestoration(store::ReadTxn& txn,
                                            const v1::DeploymentRequest& request);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_RESTORATION_H_
