#ifndef DAVIT_COMMON_SPEC_SOURCE_TEXT_H_
#define DAVIT_COMMON_SPEC_SOURCE_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace davit::spec {

// Offset of a byte in the text; kWholeFile: the file as such.
using Offset = int;
inline constexpr Offset kWholeFile = -1;

// A place for people: both from 1, columns in characters rather than bytes.
struct LineColumn {
  int line = 0;
  int column = 0;
};

// The text of a davit.yaml with its lines, without a byte order mark. Does not own the text.
class SourceText {
 public:
  explicit SourceText(absl::string_view text);

  absl::string_view text() const { return text_; }
  int line_count() const { return static_cast<int>(line_starts_.size()); }
  // Without its end; line counts from 1 and must exist.
  absl::string_view Line(int line) const;
  Offset LineStart(int line) const { return line_starts_[line - 1]; }
  // Offsets past the end are taken as the end.
  LineColumn Place(Offset offset) const;

 private:
  absl::string_view text_;
  std::vector<Offset> line_starts_;
};

// Why the text cannot be YAML at all: size, encoding, control characters.
struct TextFault {
  Offset offset = kWholeFile;
  std::string message;
};
std::optional<TextFault> FindTextFault(absl::string_view text);

// Length in bytes of the UTF-8 character at the beginning; 0: not UTF-8.
size_t Utf8Length(absl::string_view text);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_SOURCE_TEXT_H_
