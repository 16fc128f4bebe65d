#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/env_file/line_formats.h"

namespace davit {
namespace {

// The docker command reads lines with Go's bufio.Scanner, which takes no longer
// ones, line break included.
constexpr size_t kMostOfDockerLine = 64 * 1024 - 1;

}  // namespace

// Nothing is quoted: what comes after the first = is the value, to the line's end.
EnvLine DockerLine(absl::string_view name, absl::string_view value) {
  if (absl::StrContains(value, '\n')) return {.refusal = "has a line break"};
  if (absl::EndsWith(value, "\r")) return {.refusal = "ends with a carriage return"};
  EnvLine line{.text = absl::StrCat(name, "=", value)};
  if (line.text.size() > kMostOfDockerLine) return {.refusal = "is longer than 64 KiB"};
  return line;
}

}  // namespace davit
