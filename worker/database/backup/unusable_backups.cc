#include "worker/database/backup/unusable_backups.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/backup/backup_directory.h"

namespace davit::database {
namespace {

// Of one that is not as long as it was, or not there.
std::string WhyNotWhole(const BackupRecord& record, const std::string& path) {
  std::error_code absent;
  const auto size = static_cast<int64_t>(std::filesystem::file_size(path, absent));
  if (absent) return "its file is gone, only its record is there";
  return absl::StrCat("it has ", size, " bytes instead of ", record.size_bytes,
                      size < record.size_bytes ? ": it was cut off" : "");
}

std::string WhyUnknown(const BackupDirectory& directory, const std::string& file) {
  const std::string record = BackupRecordFile(file);
  std::error_code error;
  const bool is_there = std::filesystem::exists(directory.File(record), error);
  return absl::StrCat("its record ", record, ", which has its checksum, is ",
                      is_there ? "not its own, or cannot be read" : "missing beside it");
}

// Not what begins with a dot: it is being made.
bool IsNamedAsBackup(const std::string& name) {
  return absl::EndsWith(name, ".dump") && !absl::StartsWith(name, ".");
}

absl::StatusOr<std::vector<std::string>> DumpsIn(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::string name = entry->path().filename();
    if (IsNamedAsBackup(name)) names.push_back(std::move(name));
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return ArchiveFileFailure(absl::StrCat("the backups' directory ", directory, " cannot be read"),
                              error.value());
  }
  return names;
}

}  // namespace

absl::StatusOr<std::vector<UnusableFile>> FindUnusableBackups(const std::string& path) {
  const BackupDirectory directory(path);
  const auto listed = directory.List();
  if (!listed.ok()) return listed.status();
  auto dumps = DumpsIn(path);
  if (!dumps.ok()) return dumps.status();
  std::vector<UnusableFile> unusable;
  std::set<std::string> known;
  for (const ListedBackup& backup : *listed) {
    const std::string& file = backup.record.file;
    known.insert(file);
    if (backup.whole) continue;
    unusable.push_back({file, backup.record, WhyNotWhole(backup.record, directory.File(file))});
  }
  for (const std::string& file : *dumps) {
    if (!known.contains(file))
      unusable.push_back({file, std::nullopt, WhyUnknown(directory, file)});
  }
  std::sort(unusable.begin(), unusable.end(),
            [](const UnusableFile& a, const UnusableFile& b) { return a.file < b.file; });
  return unusable;
}

}  // namespace davit::database
