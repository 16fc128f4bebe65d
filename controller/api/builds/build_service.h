#ifndef DAVIT_CONTROLLER_API_BUILDS_BUILD_SERVICE_H_
#define DAVIT_CONTROLLER_API_BUILDS_BUILD_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>

#include "absl/time/time.h"
#include "common/rpc/build_terms.h"
#include "controller/executor/secret_source.h"
#include "controller/fleet/fleet.h"
#include "controller/store/store.h"

namespace davit::api {

// What builds work with. All outlive the service.
struct BuildServiceContext {
  store::Store& store;
  const fleet::Fleet& fleet;
  executor::SecretSource& secrets;
  absl::Duration timeout = absl::Hours(2);          // of a build, with its test and pushes
  absl::Duration host_patience = absl::Seconds(5);  // for a host that is being connected
  BuildLimits limits = {.most = 16};
};

// davit.v1.BuildService. A build has a thread once its header is there, and is written
// down nowhere.
std::unique_ptr<grpc::Service> MakeBuildService(const BuildServiceContext& context);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_BUILDS_BUILD_SERVICE_H_
