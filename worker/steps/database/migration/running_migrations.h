#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATION_RUNNING_MIGRATIONS_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATION_RUNNING_MIGRATIONS_H_

#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "worker/database/migration/ledger.h"

namespace davit::steps {

// The migrations that this worker is about, from before they ask for their turn until
// they have compared: to others they are alive whatever their containers are. One for all
// runners of a worker. Thread-safe.
class RunningMigrations {
 public:
  void Add(const database::LedgerClaim& claim);
  void Remove(const database::LedgerClaim& claim);
  bool Has(const database::LedgerClaim& claim) const;

 private:
  mutable absl::Mutex mutex_;
  std::set<std::pair<std::string, std::string>> steps_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATION_RUNNING_MIGRATIONS_H_
