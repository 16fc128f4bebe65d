#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATION_SESSIONS_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATION_SESSIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

namespace davit::steps {

// By what the sessions of a migration are known on the server, when its container has ended.
struct MigrationClient {
  std::string name;                    // application_name, of those that say it
  std::vector<std::string> addresses;  // of its container while it ran; empty: it had none
  // When the container ran, by this host's clock.
  absl::Time started = absl::InfiniteFuture();
  absl::Time ended = absl::InfinitePast();
};

// Ends what the client's sessions still do, and returns when they have ended: those of its name
// that are at something (an idle one may be a pooler's), and those that began at its addresses
// while it ran, where the addresses can be nobody else's (UnmistakableAddresses). A session
// that was there before the container is never touched. To be called when the client is gone: a
// server works on at a statement whose client was killed, and commits it. DEADLINE_EXCEEDED
// when one did not end; else Connection's errors.
absl::Status EndSessions(database::Connection& connection, const MigrationClient& client,
                         const Call& call);

// Sessions, a sentence each, that may be the client's, and could not be told from those of
// others: of the same role, begun while it ran, and still at a transaction of that time. Empty
// where its addresses are its own. Waits for them to end until `call` ends.
absl::StatusOr<std::vector<std::string>> DoubtfulSessions(database::Connection& connection,
                                                          const MigrationClient& client,
                                                          const Call& call);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATION_SESSIONS_H_
