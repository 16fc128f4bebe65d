#include "worker/service/journal_sql.h"

#include <sqlite3.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::service {

namespace {

// Without its journal a worker begins nothing.
absl::Status DiskFull(const std::string& path, const std::string& said) {
  const std::string directory = std::filesystem::path(path).parent_path();
  v1::Failure failure = MakeFailure(
      v1::DISK_FULL,
      absl::StrCat("There is no space left for the worker's journal, in ", directory, "."), {said});
  failure.set_next_command(absl::StrCat("make room on that host, in the file system of ", directory,
                                        ": `df -h ", directory,
                                        "` says how much there is; then deploy again"));
  return FailureStatus(failure);
}

}  // namespace

absl::Status JournalStatus(const SQLite::Exception& exception, const std::string& path) {
  const std::string message = absl::StrCat("the worker's journal: ", exception.what());
  switch (exception.getErrorCode()) {
    case SQLITE_FULL:
      return DiskFull(path, message);
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
