#include "worker/steps/one_off/record.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/files/directory_walk.h"

namespace davit::steps {
namespace {

using worker::v1::StepKey;

constexpr char kClusterLabel[] = "davit.cluster";
constexpr char kAttemptLabel[] = "davit.attempt";

std::string ValueOf(const google::protobuf::Map<std::string, std::string>& labels,
                    const std::string& name) {
  const auto found = labels.find(name);
  return found == labels.end() ? "" : found->second;
}

}  // namespace

std::string OneOffName(const StepKey& key) {
  return absl::StrCat("davit-", key.step_id(), "-", key.attempt());
}

std::map<std::string, std::string> OneOffLabels(const StepKey& key,
                                                const std::string& state_directory) {
  return {{kOneOffLabel, state_directory},
          {kStepLabel, key.step_id()},
          {kAttemptLabel, absl::StrCat(key.attempt())},
          {kClusterLabel, key.cluster_id()}};
}

StepKey OneOffKey(const google::protobuf::Map<std::string, std::string>& labels) {
  StepKey key;
  int attempt = 0;
  key.set_cluster_id(ValueOf(labels, kClusterLabel));
  key.set_step_id(ValueOf(labels, kStepLabel));
  if (absl::SimpleAtoi(ValueOf(labels, kAttemptLabel), &attempt)) key.set_attempt(attempt);
  return key;
}

// A key's bytes in letters that lead nowhere else.
std::string StepFileName(const StepKey& key) {
  StepKey identity;
  identity.set_cluster_id(key.cluster_id());
  identity.set_step_id(key.step_id());
  identity.set_attempt(key.attempt());
  return absl::WebSafeBase64Escape(identity.SerializeAsString());
}

std::vector<StepKey> StepsNamedIn(const std::string& directory, absl::string_view suffix) {
  std::vector<StepKey> keys;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    std::string bytes;
    StepKey key;
    if (absl::WebSafeBase64Unescape(absl::StripSuffix(name, suffix), &bytes) &&
        key.ParseFromString(bytes)) {
      keys.push_back(key);
    }
  }
  return keys;
}

absl::Status SyncDirectory(const std::string& path) {
  const Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.fd() < 0 || fsync(directory.fd()) != 0) {
    return FileFailure(path, "cannot be written", errno);
  }
  return absl::OkStatus();
}

StartedOneOffs::StartedOneOffs(const std::string& state_directory)
    : directory_(absl::StrCat(state_directory, "/one-offs")) {}

std::string StartedOneOffs::PathOf(const StepKey& key) const {
  return absl::StrCat(directory_, "/", StepFileName(key));
}

bool StartedOneOffs::Contains(const StepKey& key) const {
  return access(PathOf(key).c_str(), F_OK) == 0;
}

absl::Status StartedOneOffs::Prepare() const {
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  return error ? FileFailure(directory_, "cannot be made", error.value()) : absl::OkStatus();
}

bool StartedOneOffs::Prepared() const { return access(directory_.c_str(), F_OK) == 0; }

absl::Status StartedOneOffs::Add(const StepKey& key) const {
  if (absl::Status status = Prepare(); !status.ok()) return status;
  const std::string path = PathOf(key);
  const Descriptor made(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (made.fd() < 0 || fsync(made.fd()) != 0) return FileFailure(path, "cannot be written", errno);
  return SyncDirectory(directory_);
}

void StartedOneOffs::Remove(const StepKey& key) const { unlink(PathOf(key).c_str()); }

std::vector<StepKey> StartedOneOffs::List() const { return StepsNamedIn(directory_); }

}  // namespace davit::steps
