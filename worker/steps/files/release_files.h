#ifndef DAVIT_WORKER_STEPS_FILES_RELEASE_FILES_H_
#define DAVIT_WORKER_STEPS_FILES_RELEASE_FILES_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/steps/files/rendered_file.h"

namespace davit::steps {

// The files of releases: <state_directory>/files/project/environment/app/release/name.
// Directories have mode 0711, so that a file's own mode alone says who reads it.
// `directory` is one of files_directory's paths. It comes from the wire, and nothing
// outside of the root is touched: INTERNAL for a path that leads elsewhere,
// VOLUME_UNUSABLE where a link, or what is no directory, is in the way. DISK_FULL.
class ReleaseFiles {
 public:
  explicit ReleaseFiles(const std::string& state_directory);

  // Where the directory is or will be, absolute.
  absl::StatusOr<std::string> PathOf(absl::string_view directory) const;

  // All files on disk under the directory's name, or none; replaces a directory that
  // an earlier try has written. Owner and mode are as given whatever the umask.
  // FILE_UNREADABLE when the worker may not give files away.
  absl::Status Write(absl::string_view directory, const std::vector<RenderedFile>& files) const;

  // Removes the directory, and those above it that are empty then. Gone: OK.
  absl::Status Remove(absl::string_view directory) const;

  // Removes the releases of `app` (project/environment/app) whose number is not in
  // `keep`; how many. What has no number is of a check, or a write, that may be under
  // way: it goes when it is a day old, so that no secrets of one that was broken off
  // stay.
  absl::StatusOr<int> RemoveOthers(absl::string_view app, const std::set<int64_t>& keep) const;

  // For a worker that starts, of all apps, also those that are never deployed: removes
  // what is of a check, or a write, that was broken off, as far as that is an hour old
  // and is of none of the deployments, by id, that `are_known`. Between two steps the
  // worker knows nothing of a check that goes on, but never for that long. Goes on after
  // an error; the first one comes back.
  absl::Status RemoveBrokenOff(const std::set<std::string>& are_known) const;

 private:
  const std::string state_directory_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_FILES_RELEASE_FILES_H_
