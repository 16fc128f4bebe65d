#ifndef DAVIT_COMMON_SPEC_FINDING_H_
#define DAVIT_COMMON_SPEC_FINDING_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"

namespace davit::spec {

// Something wrong with a spec, found without its text.
struct Finding {
  std::string path;  // apps.web.container.ports[0]
  std::string message;
  bool at_key = false;  // the last key of the path is wrong, not its value
  bool hides = false;   // what stands at the place may be a secret: not to be shown
};

using Report = std::function<void(Finding)>;

// Paths of what a message or map, and a list, contain. Keys other than
// letters, digits, '_' and '-' are put in ["…"].
std::string PathOf(absl::string_view parent, absl::string_view key);
std::string PathOf(absl::string_view parent, int index);
// The path of what contains it; "" for the outermost.
absl::string_view ParentPath(absl::string_view path);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_FINDING_H_
