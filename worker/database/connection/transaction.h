#ifndef DAVIT_WORKER_DATABASE_CONNECTION_TRANSACTION_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_TRANSACTION_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

namespace davit::database {

// Runs `begin` (BEGIN… and SET LOCAL…), `body`, then COMMIT; ROLLBACK when one of them
// fails, even when `call` has ended. Returns the first error. UNAVAILABLE from the commit:
// it may have happened.
absl::Status InTransaction(Connection& connection, absl::string_view begin, const Call& call,
                           const std::function<absl::Status()>& body);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_TRANSACTION_H_
