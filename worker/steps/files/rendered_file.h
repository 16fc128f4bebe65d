#ifndef DAVIT_WORKER_STEPS_FILES_RENDERED_FILE_H_
#define DAVIT_WORKER_STEPS_FILES_RENDERED_FILE_H_

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "worker/steps/image/user.h"

namespace davit::steps {

// A file of a release as it is written.
struct RenderedFile {
  std::string name;     // within the release's directory
  std::string content;  // may hold values of secrets
  Owner owner;
  mode_t mode = 0;
  // It may stay the worker's own where that may not give it away: its reader is root,
  // who reads everything.
  bool own_will_do = false;
};

// Makes the file in an open directory, with owner and mode as they are given whatever
// the umask, and has it on disk. `path` is for messages. FILE_UNREADABLE when the
// worker may not give files away, else as of FileFailure.
absl::Status WriteRenderedFile(int directory, const RenderedFile& file, const std::string& path);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_FILES_RENDERED_FILE_H_
