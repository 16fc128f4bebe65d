#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATE_SESSIONS_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATE_SESSIONS_H_

#include <string>

#include "absl/status/status.h"
#include "common/call.h"
#include "worker/database/connection.h"

namespace davit::steps {

// Ends what sessions of that name (application_name) still do, and returns when they have
// ended. To be called when their client is gone: a server works on at a statement whose
// client was killed, and commits it. A session that does nothing, as a pooler keeps them,
// stays. DEADLINE_EXCEEDED when one did not end; else Connection's errors.
absl::Status EndSessions(database::Connection& connection, const std::string& name,
                         const Call& call);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATE_SESSIONS_H_
