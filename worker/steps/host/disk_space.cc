#include "worker/steps/host/disk_space.h"

#include <sys/statvfs.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace davit::steps {

std::optional<DiskSpace> SpaceOf(const std::string& path) {
  std::filesystem::path place = path;
  struct statvfs space;
  while (statvfs(place.c_str(), &space) != 0) {
    if (!place.has_parent_path() || place == place.parent_path()) return std::nullopt;
    place = place.parent_path();
  }
  const auto block = static_cast<int64_t>(space.f_frsize);
  return DiskSpace{static_cast<int64_t>(space.f_blocks) * block,
                   static_cast<int64_t>(space.f_bavail) * block};
}

std::optional<int64_t> FreeBytes(const std::string& path) {
  const std::optional<DiskSpace> space = SpaceOf(path);
  if (!space.has_value()) return std::nullopt;
  return space->free_bytes;
}

std::string FormatBytes(int64_t bytes) {
  const auto amount = static_cast<double>(bytes);
  if (bytes >= 1'000'000'000) return absl::StrFormat("%.1f GB", amount / 1e9);
  if (bytes >= 1'000'000) return absl::StrFormat("%.1f MB", amount / 1e6);
  if (bytes >= 1'000) return absl::StrFormat("%.1f kB", amount / 1e3);
  return absl::StrCat(bytes, " B");
}

}  // namespace davit::steps
