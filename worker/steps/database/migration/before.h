#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATION_BEFORE_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATION_BEFORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "davit/worker/v1/worker_service.pb.h"
#include "worker/database/catalogue/catalogue.h"

namespace davit::steps {

// What databases had before steps migrated them: a file a step below
// <state_directory>/catalogues, for the worker's user alone, on disk before the migration
// is started, so that a worker that was restarted meanwhile can still compare. It goes
// when the step is forgotten (OneOffCleaner). Errors carry DISK_FULL or INTERNAL.
class CataloguesBefore {
 public:
  explicit CataloguesBefore(const std::string& state_directory);

  absl::Status Write(const worker::v1::StepKey& key, const database::Catalogue& catalogue) const;
  // NOT_FOUND when there is none; INTERNAL when it is no catalogue.
  absl::StatusOr<database::Catalogue> Read(const worker::v1::StepKey& key) const;
  void Remove(const worker::v1::StepKey& key) const;
  std::vector<worker::v1::StepKey> List() const;

 private:
  std::string PathOf(const worker::v1::StepKey& key) const;

  const std::string directory_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATION_BEFORE_H_
