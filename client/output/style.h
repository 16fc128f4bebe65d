#ifndef DAVIT_CLIENT_OUTPUT_STYLE_H_
#define DAVIT_CLIENT_OUTPUT_STYLE_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace davit::output {

// Whether escape sequences and signs beyond ASCII may be used, and how long lines may be.
struct Style {
  bool color = false;
  bool unicode = false;
  int width = 0;  // columns of the terminal; 0: any line finds room

  // For lines that `columns` spaces are put before.
  Style Indented(int columns) const {
    Style style = *this;
    if (width > 0) style.width = width > columns ? width - columns : 1;
    return style;
  }

  std::string Red(absl::string_view text) const { return Paint("31", text); }
  std::string Green(absl::string_view text) const { return Paint("32", text); }
  std::string Yellow(absl::string_view text) const { return Paint("33", text); }
  std::string Bold(absl::string_view text) const { return Paint("1", text); }
  std::string Dim(absl::string_view text) const { return Paint("2", text); }

  std::string Good() const { return Green(unicode ? "✓" : "ok"); }
  std::string Bad() const { return Red(unicode ? "✗" : "FAILED"); }
  std::string Warning() const { return Yellow(unicode ? "!" : "warning"); }
  absl::string_view Bullet() const { return unicode ? "•" : "-"; }

 private:
  std::string Paint(absl::string_view code, absl::string_view text) const {
    return color ? absl::StrCat("\x1b[", code, "m", text, "\x1b[0m") : std::string(text);
  }
};

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_STYLE_H_
