#ifndef DAVIT_WORKER_STEPS_ONE_OFF_RECORD_H_
#define DAVIT_WORKER_STEPS_ONE_OFF_RECORD_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::steps {

// Says which worker made a one-off: its state directory, which stays the same over
// restarts and is no other worker's.
inline constexpr char kOneOffLabel[] = "davit.one-off";

// The name of a step's container: of the id and the attempt.
std::string OneOffName(const worker::v1::StepKey& key);
// Labels by which a one-off is found again; with kOneOffLabel.
std::map<std::string, std::string> OneOffLabels(const worker::v1::StepKey& key,
                                                const std::string& state_directory);
// The cluster, step and attempt that a container's labels name.
worker::v1::StepKey OneOffKey(const google::protobuf::Map<std::string, std::string>& labels);

// Cluster, step and attempt as a file's name, whatever the ids have: they come from the wire.
std::string StepFileName(const worker::v1::StepKey& key);
// The steps that files of a directory are named for, `suffix` left out where it is there.
std::vector<worker::v1::StepKey> StepsNamedIn(const std::string& directory,
                                              absl::string_view suffix = "");
// Makes what was made, renamed or removed there survive a loss of power.
absl::Status SyncDirectory(const std::string& path);

// Which one-offs the engine was told to start: a file each below
// <state_directory>/one-offs, on disk before it is told. Without one a command has
// certainly never run. Errors carry DISK_FULL or INTERNAL.
class StartedOneOffs {
 public:
  explicit StartedOneOffs(const std::string& state_directory);

  // Before a worker's first one-off is made: where none was, there is nothing to
  // clear up after, and nobody has to be asked.
  absl::Status Prepare() const;
  bool Prepared() const;

  bool Contains(const worker::v1::StepKey& key) const;
  absl::Status Add(const worker::v1::StepKey& key) const;
  void Remove(const worker::v1::StepKey& key) const;
  std::vector<worker::v1::StepKey> List() const;

 private:
  std::string PathOf(const worker::v1::StepKey& key) const;

  const std::string directory_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_ONE_OFF_RECORD_H_
