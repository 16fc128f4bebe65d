#ifndef DAVIT_WORKER_STEPS_DATABASE_RESTORE_TURN_H_
#define DAVIT_WORKER_STEPS_DATABASE_RESTORE_TURN_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/database/connection/server_connector.h"
#include "worker/steps/database/access.h"
#include "worker/steps/database/kept_session.h"
#include "worker/steps/database/migration/turn.h"
#include "worker/steps/registry.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// The turn of a restore: in the database that is replaced, from before the swap until after.
// A migration that asks meanwhile waits, and begins in what has taken its place.
class RestoreTurn {
 public:
  // Nothing is asked for yet. What is given by reference outlives it.
  static absl::StatusOr<std::unique_ptr<RestoreTurn>> Of(const worker::v1::DatabaseAccess& access,
                                                         const RunnerEnvironment& environment,
                                                         const RunningMigrations& running,
                                                         const StepContext& context);

  // For who has the restores' lock. MIGRATION_HELD when a migration has it, which is waited
  // for shortly only: the apps are stopped.
  absl::Status Take(const Call& call, StepReporter& reporter);
  // However the swap has ended: the database is called `before` by then, or as ever. Where that
  // fails, it is dead to the next one, as nobody has the lock.
  void GiveBack(const std::string& before, bool restored) const;

 private:
  // One of WaysToLedger().
  struct Way {
    Way(StepDatabase opened, database::LedgerClaim of)
        : database(std::move(opened)), session(&database), claim(std::move(of)) {}
    const StepDatabase database;
    KeptSession session;
    const database::LedgerClaim claim;
    std::optional<MigrationTurn> turn;  // set once
  };

  static void GiveBackOld(const Way& way, const std::string& before, const Call& call);

  std::vector<std::unique_ptr<Way>> ways_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_RESTORE_TURN_H_
