#ifndef DAVIT_WORKER_SERVICE_MASKED_LINES_H_
#define DAVIT_WORKER_SERVICE_MASKED_LINES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/redaction/masking_stream.h"
#include "common/redaction/redactor.h"
#include "worker/service/log_frames.h"

namespace davit::service {

// Masks secrets in lines on their way into frames. A line waits for the next one of
// its stream only where a secret may go on in it; lines that a secret joins become
// one. Used by one thread at a time.
class MaskedLines {
 public:
  // Nothing is owned.
  MaskedLines(const Redactor* redactor, LogFrames* frames);

  // As LogFrames::Put. Of a line that goes on, the next one of its stream is the rest.
  bool Put(v1::LogStream stream, absl::string_view line, bool goes_on = false);
  // Hands on what is left; the frames have their own Finish.
  void Finish();

 private:
  struct Stream {
    explicit Stream(const Redactor* redactor) : masking(redactor) {}
    MaskingStream masking;
    std::string line;      // that has no end yet
    bool is_rest = false;  // of one whose beginning has left
  };
  Stream& Of(v1::LogStream stream) { return stream == v1::STDERR ? err_ : out_; }
  // Whole lines go on to the frames, and what is as long as a frame.
  bool Add(v1::LogStream stream, absl::string_view masked);

  const Redactor* const redactor_;
  LogFrames* const frames_;
  Stream out_;
  Stream err_;
  // Of the last Put; kept for their memory.
  std::string whole_;
  std::string masked_;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_MASKED_LINES_H_
