#ifndef DAVIT_COMMON_REDACTION_MASKING_STREAM_H_
#define DAVIT_COMMON_REDACTION_MASKING_STREAM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/redaction/escaped_matches.h"
#include "common/redaction/redactor.h"

namespace davit {

// Masks one text that comes in pieces, cut anywhere. Holds back only what may be the
// beginning of a secret, so never more than the longest form of one less a byte, and
// mostly nothing. Used by one thread at a time.
class MaskingStream {
 public:
  // Not owned; it outlives the stream.
  explicit MaskingStream(const Redactor* redactor);

  // What can be let out with the next piece.
  std::string Put(absl::string_view piece);
  // The same, appended to `out`.
  void Put(absl::string_view piece, std::string& out);
  // What was held back: the text has ended. The next piece begins another text.
  std::string Flush();
  // Bytes that are held back.
  size_t held() const { return held_.size(); }

 private:
  struct Found {
    uint64_t begin;
    uint64_t end;
  };

  void Search(absl::string_view piece);
  // Later ones end later; those that overlap or touch become one.
  void Add(uint64_t begin, uint64_t end);
  // Appends the text up to `limit`, masked; `text` begins at let_out_.
  void LetOut(absl::string_view text, uint64_t limit, std::string& out);

  const Redactor* redactor_;
  EscapedMatches escaped_;
  PatternAutomaton::State plain_ = PatternAutomaton::kStart;
  std::string held_;           // the text from let_out_ to end_
  uint64_t let_out_ = 0;       // positions count from the text's beginning
  uint64_t end_ = 0;           // of what has come
  uint64_t masked_until_ = 0;  // end of the last mask that was let out; 0: none
  std::vector<Found> found_;   // not let out yet, in order
};

}  // namespace davit

#endif  // DAVIT_COMMON_REDACTION_MASKING_STREAM_H_
