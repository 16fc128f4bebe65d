#ifndef DAVIT_CONTROLLER_EXECUTOR_DATABASE_NAMES_H_
#define DAVIT_CONTROLLER_EXECUTOR_DATABASE_NAMES_H_

#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/store/store.h"
#include "davit/v1/spec.pb.h"

namespace davit::executor {

// Under which names older records' databases are known in davit.yaml by now: a database that
// was renamed there is the same one as long as its URL is in the secret of the same name.
// Refers to what it is made of.
class DatabaseNames {
 public:
  DatabaseNames(store::ReadTxn& txn, const v1::EnvironmentSpec& spec) : txn_(txn), spec_(spec) {}

  // The name now of what deployment `id` has called `name`; `name` itself where it is declared
  // still, where nothing declared has its secret, or where that deployment is not on record.
  // The store's errors.
  absl::StatusOr<std::string> NameNow(const std::string& name, const std::string& id);

  // Has the record speak of the database by its name of now.
  absl::Status Rename(state::v1::ReleaseRecord& release);

 private:
  absl::StatusOr<std::string> LookUp(const std::string& name, const std::string& id);

  store::ReadTxn& txn_;
  const v1::EnvironmentSpec& spec_;
  std::map<std::pair<std::string, std::string>, std::string> known_;  // by name and deployment
};

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_DATABASE_NAMES_H_
