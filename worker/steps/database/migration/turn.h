#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATION_TURN_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATION_TURN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/migration/ledger.h"
#include "worker/steps/database/kept_session.h"
#include "worker/steps/database/migration/turn_holder.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// A migration's turn by the ledger in its database, or the turn of a restore that puts another
// database in its place. Who waits while that happens begins in the other one, as it connects
// by the name.
class MigrationTurn {
 public:
  // `session` is not owned. The claim's host is HostAndEngine()'s. A claim of a restore is
  // made by who has the restores' lock.
  MigrationTurn(KeptSession* session, TurnHolder holder, database::LedgerClaim claim);

  // Waits, and says for whom, until it is ours. A holder that is proven dead loses it, when its
  // sessions have ended, and those that may be its (a restore ends all). The container of the claim
  // is there already, not started: who does not find it may take it for dead. MIGRATION_HELD when
  // it is still held after `patience`. A database that refuses us for a moment, as it is swapped,
  // is asked again. The session in which it was taken is
  // kept; none is while it waits.
  absl::Status Take(absl::Duration patience, const Call& call, StepReporter& reporter);
  // Ends it. False: another had taken it away before. It is in the database that is called
  // so, or in the one that `connection` leads to.
  absl::StatusOr<bool> End(database::LedgerState state, const Call& call) const;
  absl::StatusOr<bool> EndOver(database::Connection& connection, database::LedgerState state,
                               const Call& call) const;
  // Whether Take has written the ledger, and it is not ended.
  bool taken() const { return taken_; }

 private:
  absl::Status TryOnce(const Call& call, StepReporter& reporter);
  absl::Status Supersede(database::Connection& connection, const Call& call,
                         StepReporter& reporter);
  absl::Status AfterTry(absl::Status tried, absl::Time until);
  absl::StatusOr<bool> HasSessions(database::Connection& connection, const Call& call,
                                   StepReporter& reporter);
  absl::Status Held() const;

  KeptSession* const session_;
  const TurnHolder judge_;
  const database::LedgerClaim claim_;
  std::optional<database::LedgerEntry> holder_;  // whom it was last waited for
  std::vector<std::string> left_;  // sessions that may be the dead holder's, a sentence each
  absl::Time away_since_ = absl::InfiniteFuture();  // by the steady clock
  bool taken_ = false;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATION_TURN_H_
