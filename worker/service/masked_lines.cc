#include "worker/service/masked_lines.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace davit::service {

MaskedLines::MaskedLines(const Redactor* redactor, LogFrames* frames)
    : redactor_(redactor), frames_(frames), out_(redactor), err_(redactor) {}

bool MaskedLines::Put(v1::LogStream stream, absl::string_view line, bool goes_on) {
  if (redactor_->empty()) return frames_->Put(stream, line);
  whole_.assign(line.data(), line.size());
  if (!goes_on) whole_.push_back('\n');
  masked_.clear();
  Of(stream).masking.Put(whole_, masked_);
  return Add(stream, masked_);
}

bool MaskedLines::Add(v1::LogStream stream, absl::string_view masked) {
  Stream& of = Of(stream);
  bool wanted = true;
  for (size_t end = masked.find('\n'); end != masked.npos; end = masked.find('\n')) {
    const absl::string_view line = masked.substr(0, end);
    if (!of.line.empty()) {
      wanted = frames_->Put(stream, absl::StrCat(of.line, line));
      of.line.clear();
    } else if (!line.empty() || !of.is_rest) {
      wanted = frames_->Put(stream, line);
    }
    of.is_rest = false;
    masked.remove_prefix(end + 1);
  }
  absl::StrAppend(&of.line, masked);
  if (of.line.size() < LogFrames::kFrameBytes) return wanted;
  of.is_rest = true;
  return frames_->Put(stream, std::exchange(of.line, {}));
}

void MaskedLines::Finish() {
  for (const v1::LogStream stream : {v1::STDOUT, v1::STDERR}) {
    Add(stream, Of(stream).masking.Flush());
    // Where the end of the last line belonged to a secret.
    if (!Of(stream).line.empty()) Add(stream, "\n");
  }
}

}  // namespace davit::service
