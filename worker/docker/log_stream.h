#ifndef DAVIT_WORKER_DOCKER_LOG_STREAM_H_
#define DAVIT_WORKER_DOCKER_LOG_STREAM_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "worker/docker/engine.h"

namespace davit::docker {

// Takes apart what the engine sends for a container without a terminal: frames
// of a header of eight bytes (stream, three zeroes, length) and a payload.
class FrameParser {
 public:
  using Sink = absl::FunctionRef<bool(v1::LogStream, absl::string_view)>;

  // Calls `sink` for each frame that has become whole, until it returns false.
  // False: stop, because the sink said so or because these are no frames.
  bool Feed(absl::string_view data, Sink sink);

  // DOCKER_ERROR when the stream was none of frames.
  absl::Status status() const;

 private:
  bool broken_ = false;
  std::string buffer_;  // the beginning of a frame that is not whole
};

// Makes lines of what is logged. The engine stores a long line as parts of 16 KiB
// with one timestamp, which are joined again; a line over 64 KiB comes in several, of
// which all but the last one go on.
// Without timestamps it is not noticed when the end of a long line was lost.
class LineJoiner {
 public:
  using Sink = absl::FunctionRef<bool(LogLine)>;

  explicit LineJoiner(bool timestamps) : timestamps_(timestamps) {}

  // One frame: a timestamp and a line, or a part of one without a newline.
  bool AddFrame(v1::LogStream stream, absl::string_view frame, Sink sink);

  // Raw output of a terminal, cut anywhere. The timestamp of each part is in
  // the midst of the line.
  bool AddRaw(absl::string_view data, Sink sink);

  // What has no newline yet.
  bool Finish(Sink sink);

 private:
  bool AddRawLine(absl::string_view line, Sink sink);
  bool Append(LogLine& part, bool whole, Sink sink);

  LogLine LineOf(v1::LogStream stream, absl::string_view text) const;

  const bool timestamps_;
  std::optional<LogLine> pending_[2];  // stdout, stderr
  std::string raw_;
};

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_LOG_STREAM_H_
