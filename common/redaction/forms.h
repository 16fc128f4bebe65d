#ifndef DAVIT_COMMON_REDACTION_FORMS_H_
#define DAVIT_COMMON_REDACTION_FORMS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace davit {

// What is shorter is no secret: it would be found everywhere.
inline constexpr size_t kShortestSecret = 4;

// The texts that give the values away, without what escape.h undoes: each value as
// it is, its lines, and the value in base64, in all positions that it can have within
// what is encoded. Each has kShortestSecret bytes at least; sorted, none twice.
std::vector<std::string> SecretPatterns(absl::Span<const std::string> values);

// The characters of the base64 of `before` bytes and `value` that come from the value
// alone; the last one also as it is when nothing follows. In the alphabet with + and /.
std::string Base64Within(absl::string_view value, size_t before);

}  // namespace davit

#endif  // DAVIT_COMMON_REDACTION_FORMS_H_
