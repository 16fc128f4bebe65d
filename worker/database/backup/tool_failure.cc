#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/redaction/redactor.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/backup/tools.h"

namespace davit::database {
namespace {

constexpr size_t kEvidenceLines = 5;

struct ToolWords {
  absl::string_view words;  // of a tool or of the server
  ArchiveReason reason;
  absl::string_view advice;
};

// The first that fits counts.
constexpr ToolWords kToolWords[] = {
    {"No space left on device", ArchiveReason::kDiskFull, "make room where it is written"},
    {"Disk quota exceeded", ArchiveReason::kDiskFull, "make room where it is written"},
    {"could not extend file", ArchiveReason::kDiskFull, "make room on the database server"},
    {"server version mismatch", ArchiveReason::kToolTooOld,
     "install the client package of the server's version on the worker's host"},
    {"permission denied", ArchiveReason::kRights,
     "give an admin_url whose role may read and make everything in the database"},
    {"must be owner of", ArchiveReason::kRights, "give an admin_url with the owner's role"},
    {"must be superuser", ArchiveReason::kRights, "give an admin_url with a superuser's role"},
    {"must be able to SET ROLE", ArchiveReason::kRights,
     "give an admin_url whose role is a member of the owners' roles"},
    {"must be member of role", ArchiveReason::kRights,
     "give an admin_url whose role is a member of the owners' roles"},
};

absl::string_view NameOf(PostgresTool tool) {
  return tool == PostgresTool::kDump ? "pg_dump" : "pg_restore";
}

// What the server adds to an error: rows and values, somebody's data, may be in it, and go on in
// further lines.
bool HasData(absl::string_view line) {
  for (const absl::string_view label : {"DETAIL: ", "CONTEXT: ", "QUERY: ", "STATEMENT: "}) {
    if (absl::StrContains(line, label)) return true;
  }
  return false;
}

bool BeginsAnew(absl::string_view line) {
  return absl::StartsWith(line, "pg_dump:") || absl::StartsWith(line, "pg_restore:");
}

std::vector<absl::string_view> WithoutData(absl::string_view said) {
  std::vector<absl::string_view> lines;
  bool data = false;
  for (const absl::string_view line :
       absl::StrSplit(absl::StripAsciiWhitespace(said), '\n', absl::SkipEmpty())) {
    data = HasData(line) || (data && !BeginsAnew(line) && !absl::StartsWith(line, "HINT: "));
    if (!data) lines.push_back(line);
  }
  return lines;
}

std::string LastWords(const ToolRun& run, absl::string_view tail) {
  std::vector<absl::string_view> lines = WithoutData(tail);
  if (lines.size() > kEvidenceLines) lines.erase(lines.begin(), lines.end() - kEvidenceLines);
  const std::string said = absl::StrJoin(lines, "\n");
  const auto password = run.environment.find("PGPASSWORD");
  if (password == run.environment.end()) return said;
  const std::vector<std::string> secrets = {password->second};
  return Redactor(secrets).Mask(said);
}

absl::Status ToolWasKilled(const ToolRun& run, const ChildEnd& end, const std::string& task) {
  return ArchiveFailureStatus(
      {ArchiveReason::kToolKilled,
       absl::StrCat(task, " did not get done: ", NameOf(run.tool), " was ended by signal ",
                    end.signal, " (", strsignal(end.signal), ")"),
       LastWords(run, end.error_tail),
       "see the kernel's log: it may have run out of memory; then try again"});
}

absl::Status ToolExited(const ToolRun& run, const ChildEnd& end, const std::string& task) {
  ArchiveFailure failure{
      ArchiveReason::kToolFailed,
      absl::StrCat(task, " did not get done: ", NameOf(run.tool), " exited with ", end.exit_code),
      LastWords(run, end.error_tail), ""};
  for (const ToolWords& known : kToolWords) {
    if (!absl::StrContains(end.error_tail, known.words)) continue;
    failure.reason = known.reason;
    failure.advice = std::string(known.advice);
    break;
  }
  return ArchiveFailureStatus(failure);
}

absl::Status ToolDidNotRun(const absl::Status& status, const std::string& task) {
  ArchiveFailure failure{ArchiveReason::kToolMissing, absl::StrCat(task, " did not get done"),
                         std::string(status.message()), ""};
  if (absl::IsCancelled(status)) failure.reason = ArchiveReason::kCancelled;
  if (absl::IsDeadlineExceeded(status)) {
    failure.reason = ArchiveReason::kTimedOut;
    failure.advice = "give it more time: backup.timeout";
  }
  return ArchiveFailureStatus(failure);
}

}  // namespace

absl::Status RunTool(const Call& call, ToolRunner& tools, const ToolRun& run,
                     const std::string& task) {
  const absl::StatusOr<ChildEnd> end = tools.Run(call, run);
  if (!end.ok()) return ToolDidNotRun(end.status(), task);
  if (end->signal != 0) return ToolWasKilled(run, *end, task);
  if (end->exit_code != 0) return ToolExited(run, *end, task);
  return absl::OkStatus();
}

}  // namespace davit::database
