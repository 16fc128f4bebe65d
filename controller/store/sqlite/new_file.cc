#include "controller/store/sqlite/new_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"

namespace davit::store {
namespace {

// A database and what SQLite may lay beside it. It would take one of these that is
// left of another database for a part of the new one.
constexpr const char* kCompanions[] = {"", "-journal", "-wal", "-shm"};

absl::Status Taken(const std::string& path) {
  return absl::AlreadyExistsError(absl::StrCat("There is a file at ", path, " already."));
}

absl::Status Errno(absl::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", path));
}

absl::Status Flush(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return Errno("opening", path);
  const absl::Status status = fsync(fd) == 0 ? absl::OkStatus() : Errno("flushing", path);
  close(fd);
  return status;
}

std::string DirectoryOf(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

// Renames, unless there is something at `to`. A file system that cannot say so in
// one go can make a second name, which fails as well when it is taken.
int RenameToFree(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL) return -1;
  if (link(from.c_str(), to.c_str()) != 0) return -1;
  return unlink(from.c_str());
}

}  // namespace

absl::StatusOr<NewFile> NewFile::Make(const std::string& path) {
  for (const char* companion : kCompanions) {
    const std::string there = absl::StrCat(path, companion);
    if (access(there.c_str(), F_OK) == 0) return Taken(there);
  }
  std::string temporary = absl::StrCat(path, ".XXXXXX");
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return Errno("making a file beside", path);
  close(fd);
  return NewFile(path, std::move(temporary));
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, "")) {}

NewFile::~NewFile() {
  if (temporary_.empty()) return;
  for (const char* companion : kCompanions) unlink(absl::StrCat(temporary_, companion).c_str());
}

absl::Status NewFile::Publish() {
  absl::Status status = Flush(temporary_, O_RDWR);
  if (!status.ok()) return status;
  if (RenameToFree(temporary_, path_) != 0) {
    return errno == EEXIST ? Taken(path_) : Errno("making", path_);
  }
  temporary_.clear();
  return Flush(DirectoryOf(path_), O_RDONLY | O_DIRECTORY);
}

}  // namespace davit::store
