#ifndef DAVIT_COMMON_SPEC_ROLLBACK_TEMPLATE_H_
#define DAVIT_COMMON_SPEC_ROLLBACK_TEMPLATE_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace davit::spec {

// A word of a rollback_command: {{previous:LABEL}} stands for the last migration of LABEL that
// was applied before; LABEL may be empty, where a framework has none. {{{{ is a plain {{, as in
// the content of files.

// Whether the word has such a place. INVALID_ARGUMENT says what is wrong with it.
absl::StatusOr<bool> HasPrevious(absl::string_view word);

using PreviousLookup = absl::FunctionRef<std::string(absl::string_view label)>;

// The word with what `lookup` has in these places. Errors as of HasPrevious.
absl::StatusOr<std::string> RenderPrevious(absl::string_view word, PreviousLookup lookup);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_ROLLBACK_TEMPLATE_H_
