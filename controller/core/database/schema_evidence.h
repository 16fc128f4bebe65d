#ifndef DAVIT_CONTROLLER_CORE_DATABASE_SCHEMA_EVIDENCE_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_SCHEMA_EVIDENCE_H_

#include "controller/core/database/schema_left.h"
#include "controller/core/deployment_state.h"
#include "davit/v1/failure.pb.h"

namespace davit::core {

// Adds to `failure` what is in a database that code of before may not be able to run on, who
// else uses it, and which backup is of before: a line each. Of many changes some are counted.
void AddSchemaEvidence(const DeploymentState& state, const SchemaLeft& left, v1::Failure& failure);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_SCHEMA_EVIDENCE_H_
