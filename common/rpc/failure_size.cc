#include "common/rpc/failure_size.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace davit {
namespace {

constexpr absl::string_view kEllipsis = "…";
constexpr size_t kLongestText = 1000;  // bytes of one entry or sentence

bool IsContinuation(char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }

// Length of the UTF-8 character at the beginning of `text`; 0 when there is none.
size_t CharacterLength(absl::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                        : lead >= 0xE0 && lead < 0xF0 ? 3
                        : lead >= 0xF0 && lead < 0xF5 ? 4
                                                      : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  const auto second = static_cast<uint8_t>(text[1]);
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second >= 0xA0)) return 0;
  if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second >= 0x90)) return 0;
  return length;
}

std::string ToUtf8(absl::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    if (length == 0) {
      result.push_back('?');
      text.remove_prefix(1);
    } else {
      result.append(text.data(), length);
      text.remove_prefix(length);
    }
  }
  return result;
}

void DropEvidence(v1::Failure& failure, size_t max_bytes) {
  int left_out = 0;
  while (failure.ByteSizeLong() > max_bytes && failure.evidence_size() > 0) {
    // The entry that counts the others stands last and takes one's place.
    if (left_out > 0) failure.mutable_evidence()->RemoveLast();
    if (failure.evidence_size() == 0) break;
    failure.mutable_evidence()->RemoveLast();
    failure.add_evidence(absl::StrCat("and ", ++left_out, " more"));
  }
}

// What is left out is counted in the last entry of the evidence.
void DropParts(v1::Failure& failure, size_t max_bytes) {
  int left_out = 0;
  while (failure.ByteSizeLong() > max_bytes && failure.parts_size() > 0) {
    failure.mutable_parts()->RemoveLast();
    if (left_out > 0) failure.mutable_evidence()->RemoveLast();
    failure.add_evidence(absl::StrCat("and ", ++left_out, " more were found"));
  }
}

void ShortenTexts(v1::Failure& failure) {
  failure.set_message(ShortenText(failure.message(), kLongestText));
  failure.set_likely_cause(ShortenText(failure.likely_cause(), kLongestText));
  failure.set_next_command(ShortenText(failure.next_command(), kLongestText));
  for (std::string& entry : *failure.mutable_evidence()) entry = ShortenText(entry, kLongestText);
  for (std::string& line : *failure.mutable_log_tail()) line = ShortenText(line, kLongestText);
}

// The oldest lines go first.
void DropLogTail(v1::Failure& failure, size_t max_bytes) {
  const int lines = failure.log_tail_size();
  int dropped = 0;
  size_t size = failure.ByteSizeLong();
  while (size > max_bytes && dropped < lines) size -= failure.log_tail(dropped++).size() + 2;
  failure.mutable_log_tail()->DeleteSubrange(0, dropped);
}

}  // namespace

std::string ShortenText(absl::string_view text, size_t max_bytes) {
  // Looking no further than what can stay keeps a huge text cheap.
  std::string result = ToUtf8(text.substr(0, max_bytes + 4));
  if (text.size() <= max_bytes && result.size() <= max_bytes) return result;
  size_t end = std::min(result.size(), max_bytes - std::min(max_bytes, kEllipsis.size()));
  while (end > 0 && end < result.size() && IsContinuation(result[end])) --end;
  result.resize(end);
  return absl::StrCat(result, kEllipsis);
}

v1::Failure ShortenFailure(v1::Failure failure, size_t max_bytes) {
  ShortenTexts(failure);
  for (v1::Failure& part : *failure.mutable_parts()) ShortenTexts(part);
  DropLogTail(failure, max_bytes);
  for (v1::Failure& part : *failure.mutable_parts()) {
    if (failure.ByteSizeLong() > max_bytes) part.clear_log_tail();
  }
  // Whoever reads parts does not need the evidence of the whole.
  DropEvidence(failure, max_bytes);
  DropParts(failure, max_bytes);
  return failure;
}

}  // namespace davit
