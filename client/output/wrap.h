#ifndef DAVIT_CLIENT_OUTPUT_WRAP_H_
#define DAVIT_CLIENT_OUTPUT_WRAP_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace davit::output {

// A line as lines of `width` columns at most, broken at spaces; 0: any width does.
// A word that is longer stays whole, and so does a command, also on a line of its own: what
// stands in backquotes, and `davit …` where FindCommand finds it. `taken`: columns that the first
// line has less.
std::vector<std::string> Wrap(absl::string_view line, int width, int taken = 0);

// `first` and the text, wrapped as a whole to `width` columns: its further lines
// stand under the text. Sanitizes; a newline in the text begins a line.
std::vector<std::string> Hang(absl::string_view first, absl::string_view text, int width);

// The same as one text that ends with a newline.
std::string HangText(absl::string_view first, absl::string_view text, int width);

// As Fit, but cut between words where there is more than one.
std::string FitWords(absl::string_view text, int width);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_WRAP_H_
