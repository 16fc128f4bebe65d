#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATION_WANTED_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATION_WANTED_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "davit/worker/v1/steps.pb.h"
#include "worker/database/migration/migration_failure.h"
#include "worker/steps/database/access.h"
#include "worker/steps/database/migration/failure.h"
#include "worker/steps/registry.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// The command that prints the statements of Django's `migration` (shop.0002_change), as
// `migrate` is the one that applies it. Empty: it is no manage.py's.
std::vector<std::string> SqlMigrateCommand(const std::vector<std::string>& migrate,
                                           const std::string& migration);

// What a failed migration wanted to make where something of the name is already. Its output
// says so with many tools; Django's own way to tell is `sqlmigrate`, which changes nothing and is
// run in a container like the migration's. To know it is a help and nothing more: whatever is in
// the way, it is not known.
class WantedLookup {
 public:
  // Nothing is owned.
  WantedLookup(const RunnerEnvironment& environment, const StepDatabase& database,
               const worker::v1::RunOneOff& one_off, const StepContext& context)
      : environment_(environment), database_(database), one_off_(one_off), context_(context) {}

  // Fills in what `failed`, which has what it recognised, wanted, and the rest of it. `schema`:
  // where that is which is there. Blocks for a minute at most.
  void LookUp(absl::string_view output, const std::string& schema, FailedMigration& failed) const;

 private:
  std::string SqlOfDjango(const database::MigrationFailure& failure) const;

  const RunnerEnvironment& environment_;
  const StepDatabase& database_;
  const worker::v1::RunOneOff& one_off_;
  const StepContext& context_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATION_WANTED_H_
