#include "worker/database/backup/backup_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/file_lock.h"
#include "worker/database/backup/archive_failure.h"

namespace davit::database {
namespace {

constexpr char kPartialEnd[] = ".dump.partial";

std::string PartialName(absl::string_view stem) { return absl::StrCat(".", stem, kPartialEnd); }

absl::Status WriteAndSync(const std::string& path, absl::string_view content) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return ArchiveFileFailure(absl::StrCat(path, " cannot be written"), errno);
  const ssize_t written = write(file, content.data(), content.size());
  const bool whole = written == static_cast<ssize_t>(content.size());
  const int error = !whole && written >= 0 ? ENOSPC : fsync(file) != 0 || !whole ? errno : 0;
  close(file);
  if (error == 0) return absl::OkStatus();
  unlink(path.c_str());
  return ArchiveFileFailure(absl::StrCat(path, " cannot be written"), error);
}

std::optional<BackupRecord> ReadBackupRecord(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  auto record = ParseBackupRecord(text.str());
  // One that was copied beside another backup is not that backup's.
  if (!record.has_value() || BackupRecordFile(record->file) != path.filename()) return std::nullopt;
  return record;
}

// In a directory that others may write they may put a backup of theirs in the place of ours.
absl::Status CheckMode(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    return ArchiveFileFailure(absl::StrCat("the backups' directory ", path, " cannot be used"),
                              errno);
  }
  if ((status.st_mode & S_IWOTH) == 0) return absl::OkStatus();
  return ArchiveFailureStatus(
      {ArchiveReason::kDirectory,
       absl::StrCat("everybody on the host may write in the backups' directory ", path),
       absl::StrCat("its mode is ", absl::StrFormat("%04o", status.st_mode & 07777)),
       absl::StrCat("close it with `chmod 0700 ", path, "`, or name another in backup.directory")});
}

// Whether nobody has it open. It is locked meanwhile.
void RemoveUnlessLocked(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return;
  if (flock(file, LOCK_EX | LOCK_NB) == 0) unlink(path.c_str());
  close(file);
}

absl::StatusOr<FileLock> LockNames(const std::string& path, absl::Time deadline) {
  auto lock = FileLock::Acquire(path, deadline);
  if (lock.ok()) return lock;
  return ArchiveFailureStatus({absl::IsDeadlineExceeded(lock.status()) ? ArchiveReason::kTimedOut
                                                                       : ArchiveReason::kDirectory,
                               "the backups' directory cannot be locked",
                               std::string(lock.status().message()),
                               "let the worker's user write there, or name another directory"});
}

}  // namespace

std::string BackupDirectory::File(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

absl::StatusOr<BackupDirectory> BackupDirectory::Prepare(const std::string& path) {
  const std::filesystem::path directory(path);
  std::error_code error;
  std::filesystem::create_directories(directory.parent_path(), error);
  const std::string what = absl::StrCat("the backups' directory ", path, " cannot be ");
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return ArchiveFileFailure(absl::StrCat(what, "made"), errno);
  }
  if (!std::filesystem::is_directory(directory, error)) {
    return ArchiveFileFailure(absl::StrCat(what, "used"), ENOTDIR);
  }
  if (faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) != 0) {
    return ArchiveFileFailure(absl::StrCat(what, "written"), errno);
  }
  if (absl::Status closed = CheckMode(path); !closed.ok()) return closed;
  return BackupDirectory(path);
}

void BackupDirectory::RemoveLeftovers() const {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path_, error)) {
    const std::string name = entry.path().filename();
    if (absl::StartsWith(name, ".") && absl::EndsWith(name, kPartialEnd)) {
      RemoveUnlessLocked(entry.path());
    }
  }
}

absl::StatusOr<ArchiveFile> BackupDirectory::Begin(const std::string& stem,
                                                   absl::Time deadline) const {
  const auto names = LockNames(File(".lock"), deadline);
  if (!names.ok()) return names.status();
  RemoveLeftovers();
  const std::string path = File(PartialName(stem));
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return ArchiveFileFailure(absl::StrCat(path, " cannot be made"), errno);
  // Nobody has it yet. Where the file system knows no locks, nobody removes it either.
  flock(file, LOCK_EX | LOCK_NB);
  return ArchiveFile(file);
}

void BackupDirectory::Abandon(const std::string& stem) const {
  unlink(File(PartialName(stem)).c_str());
}

absl::Status BackupDirectory::Commit(const std::string& stem, const BackupRecord& record) const {
  const std::string record_path = File(BackupRecordFile(record.file));
  // A record without its backup is known as one; a backup without a record would stay for ever.
  absl::Status written = WriteAndSync(record_path, BackupRecordJson(record));
  if (!written.ok()) return written;
  const std::string to = File(record.file);
  if (std::rename(File(PartialName(stem)).c_str(), to.c_str()) != 0) {
    written = ArchiveFileFailure(absl::StrCat("the backup cannot be named ", to), errno);
    unlink(record_path.c_str());
    return written;
  }
  written = Sync();
  if (written.ok()) return written;
  unlink(to.c_str());
  unlink(record_path.c_str());
  return written;
}

absl::Status BackupDirectory::Sync() const {
  const int directory = open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int error = directory < 0 || fsync(directory) != 0 ? errno : 0;
  if (directory >= 0) close(directory);
  if (error == 0) return absl::OkStatus();
  return ArchiveFileFailure(absl::StrCat("the backups' directory ", path_, " cannot be synced"),
                            error);
}

absl::StatusOr<std::vector<ListedBackup>> BackupDirectory::List() const {
  std::vector<ListedBackup> listed;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path_, error)) {
    if (entry.path().extension() != ".json") continue;
    auto record = ReadBackupRecord(entry.path());
    if (!record.has_value()) continue;
    std::error_code absent;
    const uintmax_t size = std::filesystem::file_size(File(record->file), absent);
    const bool whole = !absent && static_cast<int64_t>(size) == record->size_bytes;
    listed.push_back({*std::move(record), whole});
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return ArchiveFileFailure(absl::StrCat("the backups' directory ", path_, " cannot be read"),
                              error.value());
  }
  std::sort(listed.begin(), listed.end(), [](const ListedBackup& a, const ListedBackup& b) {
    return a.record.started > b.record.started;
  });
  return listed;
}

absl::StatusOr<std::optional<BackupRecord>> BackupDirectory::NewestFor(
    const std::string& deployment) const {
  auto listed = List();
  if (!listed.ok()) return listed.status();
  const auto newest = std::find_if(listed->begin(), listed->end(), [&](const ListedBackup& backup) {
    return backup.whole && backup.record.deployment == deployment;
  });
  if (newest == listed->end()) return std::nullopt;
  return std::move(newest->record);
}

}  // namespace davit::database
