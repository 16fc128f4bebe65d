// Feeds the templates of a release's files with whatever libFuzzer makes. Both functions must
// agree on what is a template, and any text can be written as one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/spec/file_template.h"

namespace {

void Expect(bool holds) {
  if (!holds) std::abort();
}

std::optional<std::string> Nothing(absl::string_view) { return std::nullopt; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto names = davit::spec::TemplateNames(text);
  size_t asked = 0;
  const auto rendered =
      davit::spec::RenderTemplate(text, [&](absl::string_view name) -> std::optional<std::string> {
        ++asked;
        Expect(!names.ok() ||
               std::find(names->begin(), names->end(), std::string(name)) != names->end());
        return "{{VALUE}}";
      });
  Expect(names.ok() == rendered.ok());
  if (names.ok()) Expect((asked == 0) == names->empty());
  if (names.ok() && !names->empty()) {
    Expect(absl::IsNotFound(davit::spec::RenderTemplate(text, Nothing).status()));
  }
  const std::string plain = absl::StrReplaceAll(text, {{"{{", "{{{{"}});
  const auto literal = davit::spec::RenderTemplate(plain, Nothing);
  Expect(literal.ok() && *literal == text);
  return 0;
}
