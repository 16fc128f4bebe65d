#ifndef DAVIT_CONTROLLER_API_DEPLOYMENT_SERVICE_H_
#define DAVIT_CONTROLLER_API_DEPLOYMENT_SERVICE_H_

#include <memory>

#include "common/clock.h"
#include "controller/executor/executor.h"
#include "controller/executor/journal_hub.h"
#include "controller/executor/secret_source.h"
#include "controller/fleet/fleet.h"
#include "controller/store/store.h"
#include "davit/v1/deployment_service.grpc.pb.h"

namespace davit::api {

// What the handlers work with. All outlive the service.
struct ApiContext {
  store::Store& store;
  executor::Executor& executor;
  executor::JournalHub& hub;
  const fleet::Fleet& fleet;
  executor::SecretSource& secrets;
  const Clock& clock;
};

// davit.v1.DeploymentService: synchronous handlers, but WatchDeployment, which
// is a callback reactor: a thousand watchers need no thousand threads.
std::unique_ptr<grpc::Service> MakeDeploymentService(const ApiContext& context);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_DEPLOYMENT_SERVICE_H_
