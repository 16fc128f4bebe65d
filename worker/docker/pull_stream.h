#ifndef DAVIT_WORKER_DOCKER_PULL_STREAM_H_
#define DAVIT_WORKER_DOCKER_PULL_STREAM_H_

#include <map>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "worker/docker/engine.h"
#include "worker/docker/engine_errors.h"
#include "worker/docker/json_lines.h"

namespace davit::docker {

// Reads what the engine says during a pull: a JSON object a line. Sums up the
// layers and finds out how it ended, which the HTTP status does not tell.
class PullStream {
 public:
  using Progress = absl::FunctionRef<void(const PullProgress&)>;

  explicit PullStream(Topic topic) : topic_(std::move(topic)) {}

  // Calls `progress` when a number or the phase has changed, once a size is known.
  void Feed(absl::string_view data, Progress progress);

  // OK only after the engine's word that the image is there. A registry that broke
  // a layer off until the engine gave up is told from one that is not reached.
  absl::Status Finish();

 private:
  struct Layer {
    int64_t total_bytes = 0;
    int64_t downloaded_bytes = 0;
    int64_t extracted_bytes = 0;
    bool downloaded = false;
    bool waiting = false;  // for Docker to begin its download once more
  };

  void Read(const Json& json, Progress progress);
  void ReadLayer(Layer& layer, absl::string_view status, const Json& detail);
  PullProgress Sum() const;
  absl::Status BrokenOff() const;

  const Topic topic_;
  JsonLines json_lines_;
  std::map<std::string, Layer> layers_;  // by the engine's short id
  PullProgress last_;
  std::string error_;
  int broken_off_ = 0;
  bool complete_ = false;
};

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_PULL_STREAM_H_
