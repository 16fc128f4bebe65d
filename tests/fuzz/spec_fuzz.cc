// Feeds the loader of davit.yaml with whatever libFuzzer makes of a file. It
// must return, and what it accepts the controller must accept too.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "common/spec/loader.h"

namespace {

std::optional<std::string> Variable(const std::string& name) {
  if (name == "SET") return "value";
  return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const davit::spec::LoadResult result = davit::spec::LoadProject(text, {Variable, ""});
  davit::spec::FormatProblems("davit.yaml", text, result.problems);
  if (!result.ok()) return 0;
  for (const auto& spec : result.specs) {
    if (!davit::spec::ValidateEnvironment(spec).empty()) std::abort();
  }
  return 0;
}
