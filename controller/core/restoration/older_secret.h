#ifndef DAVIT_CONTROLLER_CORE_RESTORATION_OLDER_SECRET_H_
#define DAVIT_CONTROLLER_CORE_RESTORATION_OLDER_SECRET_H_

#include <string>

#include "davit/state/v1/state.pb.h"
#include "davit/worker/v1/container.pb.h"

// A rollback has the versions of secrets that the older releases had: what that means for the
// URLs of their databases.
namespace davit::core {

// The newest version of a secret as the deployment found it; null: it is none of its secrets.
const worker::v1::SecretUse* NewestUse(const state::v1::DeploymentRecord& record,
                                       const std::string& secret);

// How `app`, which is rolled back, gets its older image with the secrets of now.
std::string DeployNewestAdvice(const state::v1::DeploymentRecord& record, const std::string& app);

// Where a rollback's step has not reached a database, by a version of its URL that is not the
// newest: says so in `failure`, and what to do. Else leaves it as it is.
void ExplainOlderSecret(const state::v1::DeploymentRecord& record,
                        const state::v1::StepRecord& step, v1::Failure& failure);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_RESTORATION_OLDER_SECRET_H_
