#ifndef DAVIT_COMMON_SPEC_EFFECTIVE_YAML_H_
#define DAVIT_COMMON_SPEC_EFFECTIVE_YAML_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/spec/loader.h"

namespace davit::spec {

// An environment with everything merged and filled in, as a davit.yaml of its own that loads to
// the same; behind each value where it comes from: "davit.yaml:12, environment dev", "preset
// django", "default". Texts, lists and mappings that are empty and that nobody has given are left
// out. `extends` and `preset`, which have been followed, are comments. Ends with a line break.
std::string EffectiveYaml(const v1::EnvironmentSpec& spec, const Origins& origins,
                          absl::string_view file_name);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_EFFECTIVE_YAML_H_
