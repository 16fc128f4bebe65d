#ifndef DAVIT_COMMON_SPEC_PATTERN_H_
#define DAVIT_COMMON_SPEC_PATTERN_H_

#include <string>

#include "absl/strings/string_view.h"

namespace davit::spec {

// Longer texts match nothing: the standard library's matcher recurses by character.
inline constexpr size_t kMaxMatched = 1024;

// Whether the whole text matches an ECMAScript pattern, one of the schema's own.
bool Matches(const std::string& pattern, absl::string_view text);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_PATTERN_H_
