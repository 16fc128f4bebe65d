// Feeds the loader of davit.yaml with whatever libFuzzer makes of a file. It
// must return, what it accepts the controller must accept too, and what
// --show-defaults prints of it must be accepted as well.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "common/spec/effective_yaml.h"
#include "common/spec/loader.h"

namespace {

std::optional<std::string> Variable(const std::string& name) {
  if (name == "SET") return "value";
  return std::nullopt;
}

constexpr size_t kLargest = 100'000;

bool LoadsAsTheSame(const std::string& yaml, const davit::v1::EnvironmentSpec& spec) {
  const davit::spec::LoadResult again = davit::spec::LoadProject(yaml, {Variable, ""});
  if (!again.ok() || again.specs.size() != 1) return false;
  const davit::v1::EnvironmentSpec& other = again.specs.front();
  return other.project() == spec.project() && other.environment() == spec.environment() &&
         other.hosts_size() == spec.hosts_size() && other.apps_size() == spec.apps_size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const davit::spec::LoadResult result = davit::spec::LoadProject(text, {Variable, "", true});
  davit::spec::FormatProblems("davit.yaml", text, result.problems);
  if (!result.ok()) return 0;
  for (size_t i = 0; i < result.specs.size(); ++i) {
    if (!davit::spec::ValidateEnvironment(result.specs[i]).empty()) std::abort();
    const std::string yaml =
        davit::spec::EffectiveYaml(result.specs[i], result.origins[i], "davit.yaml");
    // As it has no aliases, it may be too large for a file.
    if (yaml.size() <= kLargest && !LoadsAsTheSame(yaml, result.specs[i])) std::abort();
  }
  return 0;
}
