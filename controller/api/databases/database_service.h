#ifndef DAVIT_CONTROLLER_API_DATABASES_DATABASE_SERVICE_H_
#define DAVIT_CONTROLLER_API_DATABASES_DATABASE_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/fleet/fleet.h"
#include "controller/store/store.h"
#include "davit/v1/database_service.pb.h"

namespace davit::api {

// What the service works with. All outlive it.
struct DatabaseContext {
  store::Store& store;
  const fleet::Fleet& fleet;
  absl::Duration host_patience = absl::Seconds(5);  // for a host that is being connected
};

// davit.v1.DatabaseService.
std::unique_ptr<grpc::Service> MakeDatabaseService(const DatabaseContext& context);

// ListBackups without gRPC: asks the environment's first host, which makes and restores
// backups, for each directory that a database of the spec names. Whose a backup is, the
// records say: those of other projects and environments are left out, and those whose
// deployment is not known any more have an empty `database`. One with another checksum than its
// deployment has on record is among the unusable ones. SPEC_INVALID, HOST_UNKNOWN,
// HOST_UNREACHABLE, VERSION_SKEW from an older worker.
absl::StatusOr<v1::ListBackupsResponse> ListBackups(const DatabaseContext& context,
                                                    const v1::ListBackupsRequest& request);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_DATABASES_DATABASE_SERVICE_H_
