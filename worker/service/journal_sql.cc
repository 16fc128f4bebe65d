#include "worker/service/journal_sql.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::service {

absl::Status JournalStatus(const SQLite::Exception& exception) {
  const std::string message = absl::StrCat("the worker's journal: ", exception.what());
  switch (exception.getErrorCode()) {
    case SQLITE_FULL:
      return FailureStatus(v1::DISK_FULL, message);
    case SQLITE_BUSY:
      return absl::FailedPreconditionError(
          "the worker's journal is in use: another worker has the same state directory");
    default:
      return FailureStatus(v1::INTERNAL, message);
  }
}

void BindKey(SQLite::Statement& statement, const worker::v1::StepKey& key) {
  statement.bind(":cluster", key.cluster_id());
  statement.bind(":step", key.step_id());
  statement.bind(":attempt", key.attempt());
}

void BindScope(SQLite::Statement& statement, const Scope& scope) {
  statement.bind(":cluster", scope.cluster_id);
  statement.bind(":project", scope.project);
  statement.bind(":environment", scope.environment);
}

}  // namespace davit::service
