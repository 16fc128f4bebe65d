#ifndef DAVIT_CONTROLLER_EXECUTOR_LEFT_BEHIND_H_
#define DAVIT_CONTROLLER_EXECUTOR_LEFT_BEHIND_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/fleet/fleet.h"
#include "controller/store/store.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::executor {

// What of the apps of `request` goes on running on hosts that it leaves out, and how
// to end it, one sentence each: by what these hosts report, or by the records where
// they have reported nothing yet. Does not wait.
absl::StatusOr<std::vector<std::string>> LeftBehind(store::ReadTxn& txn, const fleet::Fleet& fleet,
                                                    const v1::DeploymentRequest& request);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_LEFT_BEHIND_H_
