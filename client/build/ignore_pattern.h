#ifndef DAVIT_CLIENT_BUILD_IGNORE_PATTERN_H_
#define DAVIT_CLIENT_BUILD_IGNORE_PATTERN_H_

#include <re2/re2.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace davit::build {

// A path as Go's filepath.Clean writes it, which Docker puts patterns through:
// "./a//b/../c/" is "a/c", "" is ".".
std::string CleanPath(absl::string_view path);

// One pattern of a .dockerignore, with Docker's meaning: `*` and `?` stop at
// slashes, `**` does not, `[a-z]` is a class, `\` takes the next character as it
// is, and everything else stands for itself. Paths have slashes and no "./".
class IgnorePattern {
 public:
  // `text`: cleaned, an exception with its `!`. INVALID_ARGUMENT when it is none.
  static absl::StatusOr<IgnorePattern> Compile(absl::string_view text);

  // Whether it takes back what others leave out.
  bool exception() const { return exception_; }
  const std::string& text() const { return text_; }  // without the `!`

  // Of the path alone: what lies in a directory that matches is not looked at.
  bool Matches(absl::string_view path) const;

 private:
  IgnorePattern(std::string text, bool exception) : text_(std::move(text)), exception_(exception) {}

  std::string text_;
  bool exception_;
  bool is_suffix_ = false;            // **TEXT: whatever ends with TEXT
  std::shared_ptr<const RE2> regex_;  // null: the text itself, or a suffix
};

}  // namespace davit::build

#endif  // DAVIT_CLIENT_BUILD_IGNORE_PATTERN_H_
