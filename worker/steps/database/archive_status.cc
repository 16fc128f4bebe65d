#include "worker/steps/database/archive_status.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/failure/failure.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/steps/text/clean_text.h"

namespace davit::steps {
namespace {

using database::ArchiveFailure;
using database::ArchiveReason;

absl::string_view LikelyCause(ArchiveReason reason) {
  switch (reason) {
    case ArchiveReason::kToolMissing:
    case ArchiveReason::kToolTooOld:
      return "PostgreSQL's client programs of the server's version are not installed there";
    case ArchiveReason::kDiskFull:
      return "the file system that it is written to is full";
    case ArchiveReason::kToolKilled:
      return "the host ran out of memory, or somebody ended it";
    case ArchiveReason::kArchiveMissing:
      return "another name, another directory, or a newer backup took its place";
    case ArchiveReason::kArchiveDamaged:
      return "its disk, or somebody, changed it after it was made";
    case ArchiveReason::kRights:
      return "the role in the URL may not do all that this needs";
    case ArchiveReason::kSessions:
      return "another program than the applications uses the database";
    case ArchiveReason::kHeld:
      return "another program than the applications has it there";
    case ArchiveReason::kLoadedGone:
      return "another restore of the same database was begun meanwhile, and removed it";
    default:
      return "";
  }
}

v1::Failure ToFailure(const ArchiveFailure& told, v1::FailureCode code, const std::string& name) {
  std::vector<std::string> evidence;
  for (const absl::string_view line : absl::StrSplit(told.evidence, '\n', absl::SkipWhitespace())) {
    evidence.push_back(CleanText(line));
  }
  v1::Failure failure =
      MakeFailure(told.reason == ArchiveReason::kOutcomeUnknown ? v1::STEP_UNKNOWN : code,
                  absl::StrCat("database ", name, ": ", told.sentence), std::move(evidence));
  failure.set_likely_cause(std::string(LikelyCause(told.reason)));
  if (!told.advice.empty()) failure.set_next_command(told.advice);
  failure.set_retryable(told.reason == ArchiveReason::kBusy ||
                        told.reason == ArchiveReason::kSessions ||
                        told.reason == ArchiveReason::kLoadedGone);
  return failure;
}

}  // namespace

absl::Status ArchiveStatus(const absl::Status& status, v1::FailureCode code,
                           const std::string& name) {
  const auto told = database::ArchiveFailureOf(status);
  if (!told.has_value()) return status;
  if (told->reason == ArchiveReason::kCancelled) return absl::CancelledError(told->sentence);
  return FailureStatus(ToFailure(*told, code, name));
}

}  // namespace davit::steps
