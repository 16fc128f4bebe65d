#ifndef DAVIT_CLIENT_OUTPUT_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace davit::output {

// Text that somebody else wrote, made harmless for a terminal and valid UTF-8:
// escape sequences are dropped, a tab is four spaces, newlines stay, and what
// else could move the cursor, turn the writing direction or is no UTF-8 becomes
// U+FFFD.
std::string Sanitize(absl::string_view text);

// The lines of sanitized `text`, without an empty one at the end.
std::vector<std::string> SafeLines(absl::string_view text);

// Columns that valid UTF-8 text without control characters takes.
int DisplayWidth(absl::string_view text);

// `text` cut to `width` columns, with "…" where something was left off.
std::string Fit(absl::string_view text, int width);

// `text` with spaces up to `width` columns.
std::string Pad(absl::string_view text, int width);

// 0.3s, 12.0s, 1m04s, 2h05m.
std::string FormatElapsed(absl::Duration elapsed);

// 0 B, 999 B, 1.0 kB, 12.3 MB, 1.5 GB.
std::string FormatBytes(int64_t bytes);

// "1 host", "2 hosts".
std::string Count(int64_t number, absl::string_view noun);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_TEXT_H_
