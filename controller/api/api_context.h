#ifndef DAVIT_CONTROLLER_API_API_CONTEXT_H_
#define DAVIT_CONTROLLER_API_API_CONTEXT_H_

#include "common/clock.h"
#include "controller/executor/executor.h"
#include "controller/executor/journal_hub.h"
#include "controller/executor/secret_source.h"
#include "controller/fleet/fleet.h"
#include "controller/store/store.h"

namespace davit::api {

// What the handlers of deployments, their watches, status and logs work with. All outlive
// the service.
struct ApiContext {
  store::Store& store;
  executor::Executor& executor;
  executor::JournalHub& hub;
  const fleet::Fleet& fleet;
  executor::SecretSource& secrets;
  const Clock& clock;
};

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_API_CONTEXT_H_
