#include "worker/database/connection/server_failure.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/connection/connection.h"

namespace davit::database {

absl::Status ServerFailure(const std::string& what, const absl::Status& said) {
  // Where in our own statement it happened helps nobody.
  const std::pair<std::string, std::string> words =
      absl::StrSplit(said.message(), absl::MaxSplits("\nCONTEXT:", 1));
  ArchiveFailure failure{ArchiveReason::kServer, what, words.first, ""};
  // libpqxx 6 drops the SQLSTATE of those that it has a class for.
  if (SqlState(said) == "42501" || absl::StrContains(said.message(), "permission denied") ||
      absl::StrContains(said.message(), "must be ")) {
    failure.reason = ArchiveReason::kRights;
  }
  if (SqlState(said) == "55006" || SqlState(said) == "55P03") {
    failure.reason = ArchiveReason::kSessions;
  }
  if (absl::IsCancelled(said)) failure.reason = ArchiveReason::kCancelled;
  if (absl::IsDeadlineExceeded(said)) failure.reason = ArchiveReason::kTimedOut;
  if (absl::StrContains(said.message(), "No space left on device")) {
    failure.reason = ArchiveReason::kDiskFull;
    failure.advice = "make room on the database server";
  }
  return ArchiveFailureStatus(failure);
}

}  // namespace davit::database
