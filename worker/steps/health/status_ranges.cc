#include "worker/steps/health/status_ranges.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace davit::steps {

bool AcceptsStatus(absl::string_view ranges, int status) {
  if (ranges.empty()) ranges = "200-399";
  for (const absl::string_view range : absl::StrSplit(ranges, ',')) {
    const std::pair<absl::string_view, absl::string_view> ends =
        absl::StrSplit(range, absl::MaxSplits('-', 1));
    int low = 0, high = 0;
    if (!absl::SimpleAtoi(ends.first, &low)) continue;
    if (!absl::StrContains(range, '-')) {
      high = low;
    } else if (!absl::SimpleAtoi(ends.second, &high)) {
      continue;
    }
    if (low <= status && status <= high) return true;
  }
  return false;
}

}  // namespace davit::steps
