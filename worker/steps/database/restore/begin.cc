#include "worker/steps/database/restore/begin.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "worker/steps/files/directory_walk.h"

namespace davit::steps {
namespace {

constexpr absl::Duration kKept = absl::Hours(24 * 30);

std::optional<absl::Time> ReadTime(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  int64_t unix_ms = 0;
  if (!std::getline(file, text) || !absl::SimpleAtoi(text, &unix_ms)) return std::nullopt;
  return absl::FromUnixMillis(unix_ms);
}

absl::Status WriteTime(const std::string& path, absl::Time time) {
  const std::string draft = absl::StrCat(path, ".new");
  const std::string text = absl::StrCat(absl::ToUnixMillis(time), "\n");
  const Descriptor file(open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.fd() < 0 || write(file.fd(), text.data(), text.size()) < 0 || fsync(file.fd()) != 0 ||
      std::rename(draft.c_str(), path.c_str()) != 0) {
    return FileFailure(path, "cannot be written", errno);
  }
  const std::string parent = std::filesystem::path(path).parent_path();
  const Descriptor directory(open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.fd() < 0 || fsync(directory.fd()) != 0) {
    return FileFailure(parent, "cannot be written", errno);
  }
  return absl::OkStatus();
}

void RemoveOldRecords(const std::string& directory, absl::Time now) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const auto time = ReadTime(entry.path());
    std::error_code gone;
    if (time.has_value() && *time < now - kKept) std::filesystem::remove(entry.path(), gone);
  }
}

}  // namespace

absl::StatusOr<absl::Time> RestoreBegin(const std::string& state_directory,
                                        const worker::v1::StepKey& key, absl::Time now) {
  const std::string directory = absl::StrCat(state_directory, "/restores");
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return FileFailure(directory, "cannot be made", error.value());
  // Ids come from the wire: in letters that lead nowhere else.
  const std::string path =
      absl::StrCat(directory, "/",
                   absl::WebSafeBase64Escape(
                       absl::StrCat(key.cluster_id(), "/", key.step_id(), "/", key.attempt())));
  if (const auto begun = ReadTime(path); begun.has_value()) return *begun;
  RemoveOldRecords(directory, now);
  const absl::Time begun = absl::FromUnixMillis(absl::ToUnixMillis(now));
  if (absl::Status status = WriteTime(path, begun); !status.ok()) return status;
  return begun;
}

}  // namespace davit::steps
