#include "common/presets/presets.h"

#include <string_view>

namespace davit::presets {

// The files, embedded by CMake.
namespace django {
extern const std::string_view kText;
}  // namespace django
namespace none {
extern const std::string_view kText;
}  // namespace none
namespace rails {
extern const std::string_view kText;
}  // namespace rails

absl::string_view PresetText(absl::string_view name) {
  std::string_view text;
  if (name == "django") text = django::kText;
  if (name == "none") text = none::kText;
  if (name == "rails") text = rails::kText;
  return {text.data(), text.size()};
}

}  // namespace davit::presets
