#ifndef DAVIT_COMMON_REDACTION_ESCAPE_H_
#define DAVIT_COMMON_REDACTION_ESCAPE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace davit {

// Whether an escape may begin with the byte: % + \ '
bool BeginsEscape(char c);

enum class EscapeState {
  kNone,   // no escape, whatever follows
  kBegun,  // the beginning of one
  kWhole,  // one
};

// What `raw`, which begins with a byte of BeginsEscape, stands for in URLs (%2F, +),
// JSON (\n, \u00e9, \/) or a shell ('\'' and '"'"' within quotes, \  and \$, and
// $'\n\x01\303'): any of them, as one text is often escaped in parts. `decoded` is
// set, not empty, when it is whole.
EscapeState ReadEscape(absl::string_view raw, std::string& decoded);

}  // namespace davit

#endif  // DAVIT_COMMON_REDACTION_ESCAPE_H_
