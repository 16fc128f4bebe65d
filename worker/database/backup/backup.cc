#include "worker/database/backup/backup.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "worker/database/backup/archive.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/backup/backup_directory.h"

namespace davit::database {
namespace {

// Others have the names of the directory for moments only.
constexpr absl::Duration kOthersPatience = absl::Minutes(1);

std::function<void(int64_t)> InPhase(const BackupProgress& progress, BackupPhase phase) {
  if (!progress) return nullptr;
  return [&progress, phase](int64_t bytes) { progress(phase, bytes); };
}

absl::Status Dump(const Call& call, ToolRunner& tools, const BackupRequest& request,
                  const std::string& database, const ArchiveFile& archive,
                  const BackupProgress& progress) {
  ToolRun run{.tool = PostgresTool::kDump,
              .arguments = {"--format=custom", "--no-password"},
              .environment = request.environment,
              .output = archive.descriptor()};
  if (progress) run.progress = [&] { progress(BackupPhase::kDumping, archive.size_bytes()); };
  absl::Status dumped = RunTool(call, tools, run, absl::StrCat("the backup of ", database));
  if (!dumped.ok()) return dumped;
  if (fsync(archive.descriptor()) == 0) return absl::OkStatus();
  return ArchiveFileFailure("the backup cannot be written", errno);
}

absl::Status Damaged(const BackupRecord& record, const std::string& evidence) {
  return ArchiveFailureStatus({ArchiveReason::kArchiveDamaged,
                               absl::StrCat("the backup ", record.file, " is not what was made"),
                               evidence, "use another backup"});
}

absl::Status CompareWithRecord(const Call& call, const ArchiveFile& archive,
                               const BackupRecord& record) {
  if (archive.size_bytes() != record.size_bytes) {
    return Damaged(record, absl::StrCat("it has ", archive.size_bytes(), " bytes instead of ",
                                        record.size_bytes));
  }
  const auto sha256 = Sha256Of(call, archive);
  if (!sha256.ok()) return sha256.status();
  return *sha256 == record.sha256 ? absl::OkStatus() : Damaged(record, "its SHA-256 is another");
}

// Dumped, on the disk and read; its record, without the times.
absl::StatusOr<BackupRecord> Fill(const Call& call, ToolRunner& tools, const BackupRequest& request,
                                  BackupRecord record, const ArchiveFile& archive,
                                  const BackupProgress& progress) {
  absl::Status status = Dump(call, tools, request, record.database, archive, progress);
  if (!status.ok()) return status;
  record.size_bytes = archive.size_bytes();
  auto sha256 = Sha256Of(call, archive);
  if (!sha256.ok()) return sha256.status();
  record.sha256 = *std::move(sha256);
  status = ReadWholeArchive(call, tools, archive, InPhase(progress, BackupPhase::kVerifying));
  if (!status.ok()) return status;
  return record;
}

BackupRecord RecordOf(const BackupRequest& request, const ToolRunner& tools, absl::Time now) {
  BackupRecord record;
  const auto database = request.environment.find("PGDATABASE");
  if (database != request.environment.end()) record.database = database->second;
  // As it will be read again.
  record.started = absl::FromUnixMillis(absl::ToUnixMillis(now));
  record.file = absl::StrCat(BackupStem(record.database, now), ".dump");
  record.server = request.server;
  record.server_version = request.server_version;
  record.tool_version = tools.version();
  record.deployment = request.deployment;
  record.project = request.project;
  record.environment = request.environment_name;
  return record;
}

}  // namespace

absl::StatusOr<BackupRecord> MakeBackup(const Call& call, ToolRunner& tools, const Clock& clock,
                                        const BackupRequest& request,
                                        const BackupProgress& progress) {
  const auto directory = BackupDirectory::Prepare(request.directory);
  if (!directory.ok()) return directory.status();
  const BackupRecord begun = RecordOf(request, tools, clock.Now());
  const std::string stem = BackupStem(begun.database, begun.started);
  const auto archive = directory->Begin(
      stem, absl::Now() + std::clamp(call.Remaining(), absl::ZeroDuration(), kOthersPatience));
  if (!archive.ok()) return archive.status();
  auto abandon = absl::MakeCleanup([&] { directory->Abandon(stem); });
  auto record = Fill(call, tools, request, begun, *archive, progress);
  if (!record.ok()) return record.status();
  record->duration = absl::Milliseconds(absl::ToInt64Milliseconds(clock.Now() - record->started));
  if (absl::Status named = directory->Commit(stem, *record); !named.ok()) return named;
  std::move(abandon).Cancel();
  return *std::move(record);
}

absl::Status VerifyBackup(const Call& call, ToolRunner& tools, const std::string& directory,
                          const BackupRecord& record, const BackupProgress& progress) {
  const auto archive = ArchiveFile::Open(BackupDirectory(directory).File(record.file));
  if (!archive.ok()) return archive.status();
  absl::Status same = CompareWithRecord(call, *archive, record);
  if (!same.ok()) return same;
  return ReadWholeArchive(call, tools, *archive, InPhase(progress, BackupPhase::kVerifying));
}

}  // namespace davit::database
