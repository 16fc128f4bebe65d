#ifndef DAVIT_WORKER_DOCKER_PUSH_STREAM_H_
#define DAVIT_WORKER_DOCKER_PUSH_STREAM_H_

#include <map>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/docker/engine.h"
#include "worker/docker/json_lines.h"

namespace davit::docker {

// The failure of a push of `reference` that ends with these words of the engine.
absl::Status PushError(absl::string_view reference, absl::string_view message);

// Reads what the engine says during a push: a JSON object a line. Sums up the
// layers and finds out how it ended, which the HTTP status does not tell.
class PushStream {
 public:
  using Progress = absl::FunctionRef<void(const PullProgress&)>;

  explicit PushStream(std::string reference) : reference_(std::move(reference)) {}

  // Calls `progress` when a number has changed, once a size is known.
  void Feed(absl::string_view data, Progress progress);

  // The digest, or why there is none.
  absl::StatusOr<std::string> Finish();

 private:
  struct Layer {
    int64_t done_bytes = 0;
    int64_t total_bytes = 0;
  };

  void Read(const Json& json, Progress progress);
  PullProgress Sum() const;

  const std::string reference_;
  JsonLines json_lines_;
  std::map<std::string, Layer> layers_;  // by the engine's short id
  PullProgress last_;
  std::string digest_;
  std::string error_;
};

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_PUSH_STREAM_H_
