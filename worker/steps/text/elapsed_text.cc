#include "worker/steps/text/elapsed_text.h"

#include "absl/strings/str_cat.h"

namespace davit::steps {

std::string ElapsedText(absl::Duration duration) {
  constexpr absl::Duration kTenth = absl::Milliseconds(100);
  if (duration < kTenth) return absl::StrCat(absl::ToInt64Milliseconds(duration), "ms");
  return absl::FormatDuration(absl::Trunc(duration, kTenth));
}

}  // namespace davit::steps
