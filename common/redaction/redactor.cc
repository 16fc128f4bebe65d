#include "common/redaction/redactor.h"

#include "absl/strings/str_cat.h"
#include "common/redaction/forms.h"
#include "common/redaction/masking_stream.h"

namespace davit {

Redactor::Redactor(absl::Span<const std::string> values) : automaton_(SecretPatterns(values)) {}

std::string Redactor::Mask(absl::string_view text) const {
  if (empty()) return std::string(text);
  MaskingStream stream(this);
  std::string masked = stream.Put(text);
  absl::StrAppend(&masked, stream.Flush());
  return masked;
}

}  // namespace davit
