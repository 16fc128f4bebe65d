#ifndef DAVIT_CLIENT_COMMANDS_ROLLBACK_WITHOUT_HOSTS_H_
#define DAVIT_CLIENT_COMMANDS_ROLLBACK_WITHOUT_HOSTS_H_

#include "absl/status/status.h"
#include "client/commands/connection/connection.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::commands {

// `error`, why `request`, a rollback, was refused. Where it is that a host does not answer and
// others of the environment do, its next command says how to go back without that host: the
// hosts are those of davit.yaml, whatever the older release was live on. Not where a database
// is put back, as what runs on that host may use it. Asks the controller how its hosts are.
absl::Status WithWayWithoutHosts(const absl::Status& error, Connection& connection,
                                 const v1::DeploymentRequest& request);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_ROLLBACK_WITHOUT_HOSTS_H_
