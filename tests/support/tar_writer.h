#ifndef DAVIT_TESTS_SUPPORT_TAR_WRITER_H_
#define DAVIT_TESTS_SUPPORT_TAR_WRITER_H_

#include <string>

#include "absl/strings/string_view.h"

struct archive;

namespace davit::test {

// A tar in memory. Paths are relative.
class TarWriter {
 public:
  TarWriter();
  ~TarWriter();
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  void AddDirectory(absl::string_view path, int mode = 0755);
  void AddFile(absl::string_view path, absl::string_view content, int mode = 0644);
  void AddLink(absl::string_view path, absl::string_view target);

  // The whole tar; nothing can be added any more.
  std::string Finish();

 private:
  void Add(absl::string_view path, unsigned type, int mode, absl::string_view content,
           absl::string_view target);

  std::string tar_;
  archive* writer_;
};

}  // namespace davit::test

#endif  // DAVIT_TESTS_SUPPORT_TAR_WRITER_H_
