#ifndef DAVIT_COMMON_SPEC_FORMAT_H_
#define DAVIT_COMMON_SPEC_FORMAT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace davit::spec {

// The text so that a terminal shows every character and obeys none: control
// characters and bytes that are no UTF-8 as "\x1B", a tab as "\t". At most `most`
// characters of the text, then "…".
std::string Visible(absl::string_view text, size_t most);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_FORMAT_H_
