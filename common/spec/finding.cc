#include "common/spec/finding.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace davit::spec {

std::string PathOf(absl::string_view parent, absl::string_view key) {
  const bool plain = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-';
  });
  if (!plain) return absl::StrCat(parent, "[\"", absl::Utf8SafeCEscape(key), "\"]");
  return absl::StrCat(parent, parent.empty() ? "" : ".", key);
}

std::string PathOf(absl::string_view parent, int index) {
  return absl::StrCat(parent, "[", index, "]");
}

absl::string_view ParentPath(absl::string_view path) {
  const size_t end = path.find_last_of(".[");
  return end == absl::string_view::npos ? "" : path.substr(0, end);
}

}  // namespace davit::spec
