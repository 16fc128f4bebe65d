#ifndef DAVIT_WORKER_STEPS_RESOURCES_HOST_DIRECTORY_H_
#define DAVIT_WORKER_STEPS_RESOURCES_HOST_DIRECTORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "davit/worker/v1/container.pb.h"
#include "worker/steps/image/user.h"

namespace davit::steps {

// Whether the mount is of a path of the host, not of a volume.
bool IsBind(const worker::v1::Mount& mount);

// The path without what does not matter: doubled and last slashes, dots.
std::string CleanPath(const std::string& path);

// The directories that `path` lacks, parents first, itself last; empty when it
// exists.
std::vector<std::string> MissingDirectories(const std::string& path);

// Whether `path` can be mounted: it exists, or its nearest ancestor is a
// directory in which it can be made. VOLUME_UNUSABLE says why not.
absl::Status CheckMountSource(const std::string& path);

// The mode of a directory that is made; `mode` is octal, empty: 0755.
mode_t DirectoryMode(const std::string& mode);

// Makes one directory, mode 0755. False: it was there. VOLUME_UNUSABLE.
absl::StatusOr<bool> MakeDirectory(const std::string& path);
// VOLUME_UNUSABLE, also for a link: those are not followed. `mode` is octal.
absl::Status GiveDirectory(const std::string& path, const Owner& owner, const std::string& mode);
// False: it is not empty and stays.
bool RemoveEmptyDirectory(const std::string& path);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_RESOURCES_HOST_DIRECTORY_H_
