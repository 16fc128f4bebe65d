#ifndef DAVIT_WORKER_STEPS_HOST_DISK_SPACE_H_
#define DAVIT_WORKER_STEPS_HOST_DISK_SPACE_H_

#include <cstdint>
#include <optional>
#include <string>

namespace davit::steps {

struct DiskSpace {
  int64_t total_bytes = 0;
  int64_t free_bytes = 0;  // for programs without privileges
};

// Of the file system of `path`, or of its nearest ancestor that can be looked at;
// nullopt when that cannot be told.
std::optional<DiskSpace> SpaceOf(const std::string& path);

// Bytes that are free for everyone in the file system of `path`, or of its
// nearest ancestor that can be looked at; nullopt when that cannot be told.
std::optional<int64_t> FreeBytes(const std::string& path);

// "12.3 MB".
std::string FormatBytes(int64_t bytes);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_HOST_DISK_SPACE_H_
