#include "common/spec/name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace davit::spec {
namespace {

constexpr size_t kLongestDockerName = 255;
constexpr size_t kLongestHostName = 253;

bool IsWord(absl::string_view text) {
  return absl::ascii_isalnum(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || absl::StrContains("_.-", c);
         });
}

}  // namespace

bool IsNetworkName(absl::string_view text) {
  return !text.empty() && text.size() <= kLongestDockerName && IsWord(text);
}

bool IsVolumeName(absl::string_view text) { return text.size() >= 2 && IsNetworkName(text); }

bool IsHostName(absl::string_view text) {
  return !text.empty() && text.size() <= kLongestHostName && IsWord(text) &&
         absl::ascii_isalnum(text.back()) && !absl::StrContains(text, "..");
}

}  // namespace davit::spec
