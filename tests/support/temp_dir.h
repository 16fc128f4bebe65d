#ifndef DAVIT_TESTS_SUPPORT_TEMP_DIR_H_
#define DAVIT_TESTS_SUPPORT_TEMP_DIR_H_

#include <string>

#include "absl/strings/string_view.h"

namespace davit::test {

// A new directory that is removed with all its content. Crashes where none can
// be made: no test can go on without.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }

  // path()/name.
  std::string File(absl::string_view name) const;

  // Writes a file, its directories first, and returns its path.
  std::string Write(absl::string_view name, absl::string_view content) const;

 private:
  std::string path_;
};

}  // namespace davit::test

#endif  // DAVIT_TESTS_SUPPORT_TEMP_DIR_H_
