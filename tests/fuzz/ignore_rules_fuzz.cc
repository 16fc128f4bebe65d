// Feeds the reader of .dockerignore with whatever libFuzzer makes of a file, and the
// rules with the paths of its last lines. They must return, and keep what they promise
// of each other.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "client/build/ignore_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string clean = davit::build::CleanPath(text);
  if (davit::build::CleanPath(clean) != clean) std::abort();
  auto rules = davit::build::IgnoreRules::Parse(text);
  if (!rules.ok()) return 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::string path = davit::build::CleanPath(line);
    rules->MayTakeBackIn(path);
    rules->LeavesOut(absl::StrCat("a/", path));
    rules->LeavesOut(path);
    rules->TakeBack(path);
    if (rules->LeavesOut(path) || !rules->MayTakeBackIn(path)) std::abort();
  }
  return 0;
}
