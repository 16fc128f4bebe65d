#ifndef DAVIT_COMMON_PRESETS_PRESETS_H_
#define DAVIT_COMMON_PRESETS_PRESETS_H_

#include "absl/strings/string_view.h"

namespace davit::presets {

// The YAML text of an App that fills in absent keys: deploy/presets/NAME.yaml, as it was when
// this program was built. Empty when there is no preset of the name; App.preset has the names.
absl::string_view PresetText(absl::string_view name);

}  // namespace davit::presets

#endif  // DAVIT_COMMON_PRESETS_PRESETS_H_
