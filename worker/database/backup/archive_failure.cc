#include "worker/database/backup/archive_failure.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace davit::database {
namespace {

constexpr char kArchiveFailureType[] = "davit.worker.database.ArchiveFailure";

absl::StatusCode ArchiveStatusCode(ArchiveReason reason) {
  switch (reason) {
    case ArchiveReason::kTimedOut:
    case ArchiveReason::kSessions:
      return absl::StatusCode::kDeadlineExceeded;
    case ArchiveReason::kCancelled:
      return absl::StatusCode::kCancelled;
    case ArchiveReason::kDiskFull:
      return absl::StatusCode::kResourceExhausted;
    case ArchiveReason::kArchiveMissing:
    case ArchiveReason::kDatabaseMissing:
      return absl::StatusCode::kNotFound;
    case ArchiveReason::kArchiveDamaged:
      return absl::StatusCode::kDataLoss;
    case ArchiveReason::kRights:
      return absl::StatusCode::kPermissionDenied;
    case ArchiveReason::kOutcomeUnknown:
      return absl::StatusCode::kUnknown;
    default:
      return absl::StatusCode::kFailedPrecondition;
  }
}

std::string FileAdvice(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "make room there, or have fewer backups kept";
    case EACCES:
    case EPERM:
    case EROFS:
      return "let the worker's user write there, or name another directory";
    default:
      return "";
  }
}

}  // namespace

absl::Status ArchiveFailureStatus(const ArchiveFailure& failure) {
  absl::Status status(ArchiveStatusCode(failure.reason),
                      failure.evidence.empty()
                          ? failure.sentence
                          : absl::StrCat(failure.sentence, ": ", failure.evidence));
  const nlohmann::json json = {{"reason", static_cast<int>(failure.reason)},
                               {"sentence", failure.sentence},
                               {"evidence", failure.evidence},
                               {"advice", failure.advice}};
  // What tools say need not be UTF-8.
  status.SetPayload(
      kArchiveFailureType,
      absl::Cord(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
  return status;
}

std::optional<ArchiveFailure> ArchiveFailureOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kArchiveFailureType);
  if (!payload.has_value()) return std::nullopt;
  const auto json = nlohmann::json::parse(std::string(*payload));
  return ArchiveFailure{static_cast<ArchiveReason>(json["reason"].get<int>()), json["sentence"],
                        json["evidence"], json["advice"]};
}

bool IsArchiveFailure(const absl::Status& status, ArchiveReason reason) {
  const auto failure = ArchiveFailureOf(status);
  return failure.has_value() && failure->reason == reason;
}

absl::Status ArchiveFileFailure(absl::string_view what, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return ArchiveFailureStatus({full ? ArchiveReason::kDiskFull : ArchiveReason::kDirectory,
                               std::string(what), std::strerror(error), FileAdvice(error)});
}

}  // namespace davit::database
