#ifndef DAVIT_CONTROLLER_API_DATABASES_BACKUP_MAKERS_H_
#define DAVIT_CONTROLLER_API_DATABASES_BACKUP_MAKERS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "controller/store/store.h"
#include "davit/v1/deployment.pb.h"
#include "davit/v1/spec.pb.h"

namespace davit::api {

// What the records know of the backups that deployments have made. Within one transaction,
// which outlives it, as the spec does.
class BackupMakers {
 public:
  BackupMakers(store::ReadTxn& txn, const v1::EnvironmentSpec& spec) : txn_(txn), spec_(spec) {}

  // The database in davit.yaml that `backup` is of; empty where its deployment is not known.
  // Nullopt when it was made for another project or environment.
  absl::StatusOr<std::optional<std::string>> DatabaseOf(const v1::Backup& backup);

  // Why it is not the one that its deployment has made, in words; nullopt: it is by its record,
  // or no deployment knows it.
  absl::StatusOr<std::optional<std::string>> WhyAnother(const v1::Backup& backup);

 private:
  struct Made {
    std::string database;
    std::string sha256;
  };
  struct Deployment {
    bool known = false;
    bool ours = false;                 // of this project and environment
    std::map<std::string, Made> made;  // by path of the backup
  };

  absl::StatusOr<const Deployment*> MakerOf(const std::string& id);

  store::ReadTxn& txn_;
  const v1::EnvironmentSpec& spec_;
  std::map<std::string, Deployment> deployments_;
};

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_DATABASES_BACKUP_MAKERS_H_
