#include "worker/steps/resources/created_record.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include "absl/base/const_init.h"
#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/failure/failure.h"

namespace davit::steps {
namespace {

using worker::v1::CreatedResources;
using worker::v1::StepKey;
using Names = google::protobuf::RepeatedPtrField<std::string>;

constexpr char kDraftSuffix[] = ".new";  // no record's name has a dot
ABSL_CONST_INIT absl::Mutex records_lock(absl::kConstInit);

// Ids come from the wire: nothing but letters, digits and dashes gets into a path.
std::string SafeName(const std::string& id) {
  std::string name = "_";
  for (const char c : id) {
    if (absl::ascii_isalnum(c) || c == '-') {
      name.push_back(c);
    } else {
      absl::StrAppendFormat(&name, "%%%02x", static_cast<unsigned char>(c));
    }
  }
  return name;
}

absl::Status FileError(const std::string& path) {
  const std::string message = absl::StrCat("cannot write ", path, ": ", std::strerror(errno));
  return FailureStatus(errno == ENOSPC ? v1::DISK_FULL : v1::INTERNAL, message);
}

absl::Status Sync(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return FileError(path);
  const absl::Cleanup close_fd = [fd] { close(fd); };
  return fsync(fd) == 0 ? absl::OkStatus() : FileError(path);
}

absl::Status WriteRecord(const std::string& path, const CreatedResources& created) {
  const std::string draft = path + kDraftSuffix;
  std::ofstream file(draft, std::ios::binary | std::ios::trunc);
  if (!created.SerializeToOstream(&file) || !file.flush()) return FileError(draft);
  file.close();
  if (absl::Status status = Sync(draft, O_RDONLY); !status.ok()) return status;
  if (std::rename(draft.c_str(), path.c_str()) != 0) return FileError(path);
  return Sync(std::filesystem::path(path).parent_path(), O_RDONLY | O_DIRECTORY);
}

absl::StatusOr<CreatedResources> ReadRecord(const std::string& path) {
  CreatedResources created;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open() && errno == ENOENT) return created;
  if (!file.is_open() || !created.ParseFromIstream(&file)) {
    return FailureStatus(v1::INTERNAL, absl::StrCat("cannot read ", path));
  }
  return created;
}

// Paths of the records below `directory`; none where it is not there.
absl::StatusOr<std::vector<std::string>> RecordsBelow(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(directory, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    if (!entry->is_directory(error) && !error && entry->path().extension() != kDraftSuffix) {
      paths.push_back(entry->path());
    }
  }
  if (!error || error == std::errc::no_such_file_or_directory) return paths;
  return FailureStatus(v1::INTERNAL,
                       absl::StrCat("cannot read ", directory, ": ", error.message()));
}

// Of the records that `is_meant`, by their paths.
template <typename IsMeant>
absl::StatusOr<CreatedResources> UnionOf(const std::string& directory, const IsMeant& is_meant) {
  const auto paths = RecordsBelow(directory);
  if (!paths.ok()) return paths.status();
  CreatedResources all;
  for (const std::string& path : *paths) {
    if (!is_meant(path)) continue;
    const auto created = ReadRecord(path);
    if (!created.ok()) return created.status();
    AddResources(*created, all);
  }
  return all;
}

// Takes what serves out of all records.
absl::Status TakeOutOfAll(const std::string& directory, const CreatedResources& serving) {
  const auto paths = RecordsBelow(directory);
  if (!paths.ok()) return paths.status();
  for (const std::string& path : *paths) {
    auto created = ReadRecord(path);
    if (!created.ok()) return created.status();
    const size_t before = created->ByteSizeLong();
    RemoveResourcesOf(serving, *created);
    if (created->ByteSizeLong() == before) continue;
    if (absl::Status status = WriteRecord(path, *created); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void AddNames(const Names& more, Names& names) {
  for (const std::string& name : more) {
    if (!HasName(names, name)) *names.Add() = name;
  }
}

void RemoveNames(const Names& less, Names& names) {
  names.erase(std::remove_if(names.begin(), names.end(),
                             [&](const std::string& name) { return HasName(less, name); }),
              names.end());
}

}  // namespace

bool HasName(const Names& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void AddResources(const CreatedResources& more, CreatedResources& created) {
  AddNames(more.networks(), *created.mutable_networks());
  AddNames(more.directories(), *created.mutable_directories());
  AddNames(more.volumes(), *created.mutable_volumes());
}

void RemoveResourcesOf(const CreatedResources& less, CreatedResources& created) {
  RemoveNames(less.networks(), *created.mutable_networks());
  RemoveNames(less.directories(), *created.mutable_directories());
  RemoveNames(less.volumes(), *created.mutable_volumes());
}

absl::Mutex& CreatedRecords::lock() { return records_lock; }

CreatedRecords::CreatedRecords(std::string state_directory)
    : directory_(absl::StrCat(state_directory, "/created")) {}

std::string CreatedRecords::DirectoryOf(const StepKey& key) const {
  return absl::StrCat(directory_, "/", SafeName(key.cluster_id()), "/",
                      SafeName(key.deployment_id()));
}

std::string CreatedRecords::PathOf(const StepKey& key) const {
  return absl::StrCat(DirectoryOf(key), "/", SafeName(key.step_id()));
}

absl::Status CreatedRecords::Write(const StepKey& key, const CreatedResources& created) const {
  std::error_code error;
  std::filesystem::create_directories(DirectoryOf(key), error);
  if (error) {
    return FailureStatus(v1::INTERNAL,
                         absl::StrCat("cannot make ", DirectoryOf(key), ": ", error.message()));
  }
  return WriteRecord(PathOf(key), created);
}

absl::StatusOr<CreatedResources> CreatedRecords::Read(const StepKey& key) const {
  return ReadRecord(PathOf(key));
}

absl::StatusOr<CreatedResources> CreatedRecords::OfOthers(const StepKey& key) const {
  return UnionOf(directory_, [own = PathOf(key)](const std::string& path) { return path != own; });
}

absl::Status CreatedRecords::Drop(const StepKey& key) const {
  const std::string path = PathOf(key);
  if (std::remove(path.c_str()) != 0) return errno == ENOENT ? absl::OkStatus() : FileError(path);
  return Sync(DirectoryOf(key), O_RDONLY | O_DIRECTORY);
}

void CreatedRecords::Forget(const StepKey& key) const {
  absl::MutexLock hold(&lock());
  const auto serving = UnionOf(DirectoryOf(key), [](const std::string&) { return true; });
  if (!serving.ok() || !TakeOutOfAll(directory_, *serving).ok()) return;
  std::error_code ignored;
  std::filesystem::remove_all(DirectoryOf(key), ignored);
}

}  // namespace davit::steps
