#ifndef DAVIT_CONTROLLER_EXECUTOR_RECORDED_BACKUP_H_
#define DAVIT_CONTROLLER_EXECUTOR_RECORDED_BACKUP_H_

#include <optional>

#include "absl/status/statusor.h"
#include "controller/store/store.h"
#include "davit/v1/deployment_service.pb.h"
#include "davit/worker/v1/container.pb.h"

namespace davit::executor {

// A backup, and the version of its database's URL that it was made by.
struct MadeBackup {
  v1::Backup backup;
  worker::v1::SecretUse url;
};

// The backup that `request` restores, as the deployment of its project and environment that made
// it has it on record: by its file's name alone, which has the time in it, so that one is known
// also where the directory was moved. Nullopt: none has, or it is no restore.
absl::StatusOr<std::optional<MadeBackup>> RecordedBackup(store::ReadTxn& txn,
                                                         const v1::DeploymentRequest& request);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_RECORDED_BACKUP_H_
