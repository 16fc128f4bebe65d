#ifndef DAVIT_COMMON_SPEC_SUGGEST_H_
#define DAVIT_COMMON_SPEC_SUGGEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace davit::spec {

// "; did you mean `image`?" when a candidate is near the word, else "". Near:
// a third of the word's letters, three at most, are wrong, missing, extra or swapped.
std::string DidYouMean(absl::string_view word, const std::vector<std::string>& candidates);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_SUGGEST_H_
