#ifndef DAVIT_COMMON_ENV_FILE_LINE_FORMATS_H_
#define DAVIT_COMMON_ENV_FILE_LINE_FORMATS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace davit {

// One variable as a line of a file, or why there is no such line.
struct EnvLine {
  // NAME=…, without the line break.
  std::string text;
  // What of the value cannot be carried, fit to follow "its value "; empty: nothing.
  std::string refusal;
};

// `name` is a variable's name, `value` UTF-8 without a zero byte.
EnvLine DotenvLine(absl::string_view name, absl::string_view value);
EnvLine DockerLine(absl::string_view name, absl::string_view value);

}  // namespace davit

#endif  // DAVIT_COMMON_ENV_FILE_LINE_FORMATS_H_
