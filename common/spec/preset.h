#ifndef DAVIT_COMMON_SPEC_PRESET_H_
#define DAVIT_COMMON_SPEC_PRESET_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/spec/yaml_tree.h"

namespace davit::spec {

// What the preset has for the app, before anything is filled in; an empty mapping when there
// is no such preset. All of it stands at `place`, where the file names the preset: that is
// where a problem with it can be mended. `status` is of the preset's own path and left out
// where the app has another; the port is that of the app's only published one.
NodePtr PresetTree(absl::string_view preset, const Node& app, Offset place);

// What the preset of the app has for the migration of the app's database, the app's name in
// it; null when it has nothing. At `place`, as above.
NodePtr PresetMigration(absl::string_view preset, const std::string& app, Offset place);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_PRESET_H_
