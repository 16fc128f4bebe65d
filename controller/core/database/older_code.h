#ifndef DAVIT_CONTROLLER_CORE_DATABASE_OLDER_CODE_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_OLDER_CODE_H_

#include <string>

#include "controller/core/deployment_state.h"

namespace davit::core {

// Whether code from before the deployment may use `database`: an app that uses or migrates it,
// by davit.yaml or as that was recorded, has a live release, or had a container on a host
// before, be it one that was started by hand and is taken over. Where there is none, as when
// an environment is deployed for the first time, no change of the schema can hurt anybody.
// true as long as a host was not looked at.
bool OlderCodeUses(const DeploymentState& state, const std::string& database);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_OLDER_CODE_H_
