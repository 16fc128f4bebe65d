#ifndef DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_REFUSAL_H_
#define DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_REFUSAL_H_

#include <string>

#include "absl/status/status.h"
#include "davit/state/v1/state.pb.h"

namespace davit::core {

// Whether the older releases can be made live, as the request says of the schema.
// SCHEMA_NOT_SAFE with each change when they may not be able to run and nothing was chosen,
// or when what was chosen cannot be done. OK for a deployment of another kind.
absl::Status CheckSchemaSince(const state::v1::DeploymentRecord& record);

// "`--schema keep` or `--schema restore`": what can be done with all databases that are not
// safe, but for what was chosen. As far as is known here: a backup may be gone.
std::string WaysLeft(const state::v1::DeploymentRecord& record);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_REFUSAL_H_
