#ifndef DAVIT_WORKER_DOCKER_BUILD_STREAM_H_
#define DAVIT_WORKER_DOCKER_BUILD_STREAM_H_

#include <deque>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/docker/json_lines.h"

namespace davit::docker {

// The failure of a build that the engine refuses with these words. `step` is the
// Dockerfile's ("3/5 : RUN make"); empty: none was begun. The registry's codes when the
// base image of the step was not to be had, else BUILD_FAILED.
absl::Status BuildError(absl::string_view step, absl::string_view message);

// Reads what the engine says during a build: a JSON object a line. Hands the output
// on in whole lines, but one over 64 KiB as it comes, and finds out how it ended, which
// the HTTP status does not tell.
class BuildStream {
 public:
  using Output = absl::FunctionRef<void(absl::string_view)>;

  void Feed(absl::string_view data, Output output);

  // What has no newline yet is output too. The image's id, or why there is none.
  absl::StatusOr<std::string> Finish(Output output);

 private:
  void Read(const Json& json);
  void AddText(absl::string_view text);
  void EndPiece();
  void Remember(std::string line);
  void HandOn(Output output);

  JsonLines json_lines_;
  std::string text_;      // an output line that is not whole
  bool is_rest_ = false;  // of a line whose beginning was handed on
  std::string lines_;     // what is to be handed on
  std::string step_;
  std::deque<std::string> tail_;  // of the step
  std::string image_id_;
  std::string error_;
};

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_BUILD_STREAM_H_
