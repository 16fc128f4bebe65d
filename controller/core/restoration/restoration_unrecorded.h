#ifndef DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_UNRECORDED_H_
#define DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_UNRECORDED_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "controller/core/plan/rollout.h"

// Releases that a rollback finds on hosts and of which there is no record, as when the
// controller has an older copy of its state: what their migrations have done, nobody knows.
namespace davit::core {

// SCHEMA_NOT_SAFE with each of them whose app has a database, unless the schema is kept, or a
// backup of before takes its place. OK for a deployment of another kind.
absl::Status CheckUnrecorded(const Rollout& rollout);

// A sentence for each of them.
std::vector<std::string> UnrecordedNotes(const Rollout& rollout);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_UNRECORDED_H_
