#ifndef DAVIT_WORKER_STEPS_TEXT_CLEAN_TEXT_H_
#define DAVIT_WORKER_STEPS_TEXT_CLEAN_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace davit::steps {

// Output of programs as valid UTF-8, fit for messages and terminals: what is none
// becomes U+FFFD, control characters but tab and newline become spaces.
std::string CleanText(absl::string_view text);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_TEXT_CLEAN_TEXT_H_
