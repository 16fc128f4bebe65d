#ifndef DAVIT_COMMON_SPEC_FILE_TEMPLATE_H_
#define DAVIT_COMMON_SPEC_FILE_TEMPLATE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace davit::spec {

// The content of a release's file: {{NAME}} stands for a variable, blanks around the
// name are left out; {{{{ is a literal {{, everything else is as it is written.

// The variables that the text names, each once, in the order of their first use.
// INVALID_ARGUMENT that says what is wrong and in which line of the text.
absl::StatusOr<std::vector<std::string>> TemplateNames(absl::string_view text);

using TemplateLookup = absl::FunctionRef<std::optional<std::string>(absl::string_view name)>;

// The text with its variables' values; a value is not looked into again. NOT_FOUND that
// names the first variable for which `lookup` has none; errors as of TemplateNames();
// RESOURCE_EXHAUSTED for more than `most` bytes, which a small text can name. No error
// contains a value.
absl::StatusOr<std::string> RenderTemplate(absl::string_view text, TemplateLookup lookup,
                                           size_t most = std::string::npos);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_FILE_TEMPLATE_H_
