#include "worker/steps/created_record.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/failure/failure.h"

namespace davit::steps {
namespace {

using worker::v1::CreatedResources;
using worker::v1::StepKey;

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

}  // namespace

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
  const std::string path = PathOf(key), draft = path + ".new";
  std::error_code error;
  std::filesystem::create_directories(DirectoryOf(key), error);
  if (error) {
    return FailureStatus(v1::INTERNAL,
                         absl::StrCat("cannot make ", DirectoryOf(key), ": ", error.message()));
  }
  std::ofstream file(draft, std::ios::binary | std::ios::trunc);
  if (!created.SerializeToOstream(&file) || !file.flush()) return FileError(draft);
  file.close();
  if (absl::Status status = Sync(draft, O_RDONLY); !status.ok()) return status;
  if (std::rename(draft.c_str(), path.c_str()) != 0) return FileError(path);
  return Sync(DirectoryOf(key), O_RDONLY | O_DIRECTORY);
}

absl::StatusOr<CreatedResources> CreatedRecords::Read(const StepKey& key) const {
  CreatedResources created;
  std::ifstream file(PathOf(key), std::ios::binary);
  if (!file.is_open()) return created;
  if (!created.ParseFromIstream(&file)) {
    return FailureStatus(v1::INTERNAL, absl::StrCat("cannot read ", PathOf(key)));
  }
  return created;
}

void CreatedRecords::Forget(const StepKey& key) const {
  std::error_code ignored;
  std::filesystem::remove_all(DirectoryOf(key), ignored);
}

}  // namespace davit::steps
