#ifndef DAVIT_WORKER_STEPS_DATABASE_SHARED_SESSIONS_H_
#define DAVIT_WORKER_STEPS_DATABASE_SHARED_SESSIONS_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

namespace davit::steps {

// Makes another session of the same kind.
using SessionMaker =
    std::function<absl::StatusOr<std::unique_ptr<database::Connection>>(const Call& call)>;

// Whether a pooler in transaction mode is between: proven when one server process answers
// two sessions that are both open, or two answer one. pg_dump and restores set their
// session's search_path and more, which such a pooler would leave to the applications'
// queries. False where it cannot be proven, and where nothing is between at all (IsDirect):
// then no other session is made.
absl::StatusOr<bool> SharesSessions(database::Connection& first, const SessionMaker& make,
                                    const Call& call);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_SHARED_SESSIONS_H_
