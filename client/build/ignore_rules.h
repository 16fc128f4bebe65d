#ifndef DAVIT_CLIENT_BUILD_IGNORE_RULES_H_
#define DAVIT_CLIENT_BUILD_IGNORE_RULES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/build/ignore_pattern.h"

namespace davit::build {

// A .dockerignore: which files of a build context are not sent. Read and applied as
// `docker build` does, to the letter: lines that begin with # are comments, blanks
// around a pattern and slashes around it do not count, all patterns start at the
// context's root, a directory goes with all that is in it, and of several patterns
// that fit the last one decides, `!` taking back. What is taken back deep in a
// directory that is left out is only found when the pattern begins with the
// directory's own path.
class IgnoreRules {
 public:
  // No rules: everything is sent.
  IgnoreRules() = default;

  // INVALID_ARGUMENT that begins with the line's number.
  static absl::StatusOr<IgnoreRules> Parse(absl::string_view text);

  // Whether the file or directory at `path`, relative to the context, is left out.
  bool LeavesOut(absl::string_view path) const;
  // Whether something in a directory that is left out may have been taken back.
  bool MayTakeBackIn(absl::string_view directory) const;
  // From now on `path` is sent, whatever the patterns say.
  void TakeBack(absl::string_view path);

 private:
  absl::Status Add(absl::string_view line);

  std::vector<IgnorePattern> patterns_;
  std::vector<std::string> taken_back_;  // paths
};

}  // namespace davit::build

#endif  // DAVIT_CLIENT_BUILD_IGNORE_RULES_H_
