#include "worker/database/connection/transaction.h"

#include "absl/time/time.h"

namespace davit::database {
namespace {

// For the rollback of what its own call has ended.
constexpr absl::Duration kRollbackPatience = absl::Seconds(5);

}  // namespace

absl::Status InTransaction(Connection& connection, absl::string_view begin, const Call& call,
                           const std::function<absl::Status()>& body) {
  absl::Status status = connection.Query(begin, call).status();
  if (status.ok()) status = body();
  if (status.ok()) status = connection.Query("COMMIT", call).status();
  if (!status.ok()) {
    // Outside of a transaction the server only warns; the session may be gone, too.
    connection.Query("ROLLBACK", Call{}.Within(kRollbackPatience)).status().IgnoreError();
  }
  return status;
}

}  // namespace davit::database
