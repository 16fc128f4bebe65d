#ifndef DAVIT_COMMON_REDACTION_REDACTOR_H_
#define DAVIT_COMMON_REDACTION_REDACTOR_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/redaction/pattern_automaton.h"

namespace davit {

// What stands in the place of a secret.
inline constexpr absl::string_view kMask = "***";

// Masks secrets in texts: each value with 4 bytes or more, each of its lines with as
// many, the value in base64 (wherever in what is encoded, both alphabets), and all of
// these escaped for URLs, JSON and shells, as a whole or in parts. What is found, and
// what overlaps or touches it, becomes one "***". One pass whatever the number of
// values: hundreds of MB/s; texts with many escapes are slower. Immutable; may be
// used from many threads.
class Redactor {
 public:
  // Less at the end of a text gives hardly anything away, and is often no secret.
  static constexpr size_t kShownBeginning = 8;

  explicit Redactor(absl::Span<const std::string> values);

  // Whether there is nothing to mask: texts need not be looked at.
  bool empty() const { return automaton_.states() == 1; }
  // `text` is whole. For texts that come in pieces: MaskingStream.
  std::string Mask(absl::string_view text) const;

  // The same for a text that may have been cut: also what may be the beginning of a
  // secret, with kShownBeginning bytes or more, at its end; "postgres" and "postgresql" are none.
  // Marks of a cut ("…", U+FFFD) stay.
  std::string MaskCut(absl::string_view text) const;

  const PatternAutomaton& automaton() const { return automaton_; }

 private:
  const PatternAutomaton automaton_;
};

}  // namespace davit

#endif  // DAVIT_COMMON_REDACTION_REDACTOR_H_
