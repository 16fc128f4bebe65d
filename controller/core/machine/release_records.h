#ifndef DAVIT_CONTROLLER_CORE_MACHINE_RELEASE_RECORDS_H_
#define DAVIT_CONTROLLER_CORE_MACHINE_RELEASE_RECORDS_H_

#include "controller/core/machine/transition_builder.h"

namespace davit::core {

// Puts a record of each release of the deployment, which ends: what is needed to make its
// container again, what was declared, and what became of its database. `live`: they serve.
void RecordReleases(TransitionBuilder& builder, bool live);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_MACHINE_RELEASE_RECORDS_H_
