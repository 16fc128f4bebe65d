#include "common/spec/suggest.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace davit::spec {
namespace {

constexpr size_t kMaxWord = 64;
constexpr size_t kMaxCandidates = 200;
constexpr int kMaxDistance = 3;

// Optimal string alignment: insertions, deletions, changes and swaps of neighbours.
int EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<int> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

// Users write dashes, underscores and capitals as their other tools want them.
std::string Folded(absl::string_view word) {
  std::string result = absl::AsciiStrToLower(word);
  std::replace(result.begin(), result.end(), '-', '_');
  return result;
}

}  // namespace

std::string DidYouMean(absl::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > kMaxWord || candidates.size() > kMaxCandidates) return "";
  const std::string folded = Folded(word);
  const int allowed =
      std::min<int>(kMaxDistance, std::max<int>(1, static_cast<int>(word.size()) / 3));
  int best = allowed + 1;
  const std::string* nearest = nullptr;
  for (const std::string& candidate : candidates) {
    const int lengths = static_cast<int>(candidate.size()) - static_cast<int>(word.size());
    if (std::abs(lengths) > allowed) continue;
    const int distance = EditDistance(folded, Folded(candidate));
    if (distance >= best) continue;
    best = distance;
    nearest = &candidate;
  }
  return nearest == nullptr ? "" : absl::StrCat("; did you mean `", *nearest, "`?");
}

}  // namespace davit::spec
