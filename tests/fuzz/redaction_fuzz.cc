// Gives the redactor secrets and a text that libFuzzer makes up: no secret may be left,
// however the text is cut, and what is held back has a bound.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/redaction/forms.h"
#include "common/redaction/masking_stream.h"
#include "common/redaction/redactor.h"

namespace {

// \uXXXX for each byte, or for base64 that all of it be escaped.
constexpr size_t kLongestEscape = 6;

std::string InPieces(const davit::Redactor& redactor, absl::string_view text, size_t piece,
                     size_t most_held) {
  davit::MaskingStream stream(&redactor);
  std::string masked;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    absl::StrAppend(&masked, stream.Put(text.substr(0, piece)));
    if (stream.held() > most_held) std::abort();
  }
  return absl::StrCat(masked, stream.Flush());
}

}  // namespace

// A byte for the size of pieces, then secrets, the text last, each after a byte 0xff.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  std::vector<std::string> values =
      absl::StrSplit(absl::string_view(reinterpret_cast<const char*>(data + 1), size - 1), '\xff');
  const std::string text = std::move(values.back());
  values.pop_back();
  size_t longest = 0;
  for (const std::string& pattern : davit::SecretPatterns(values)) {
    longest = std::max(longest, pattern.size());
  }
  const davit::Redactor redactor(values);
  const std::string masked = redactor.Mask(text);
  const size_t piece = 1 + data[0] % 16;
  if (InPieces(redactor, text, piece, longest * kLongestEscape) != masked) std::abort();
  for (const std::string& value : values) {
    // A mask and what is around it may make up a value with asterisks.
    if (value.size() < davit::kShortestSecret || absl::StrContains(value, "*")) continue;
    if (absl::StrContains(masked, value)) std::abort();
  }
  return 0;
}
