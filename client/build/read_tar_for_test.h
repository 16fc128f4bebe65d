#ifndef DAVIT_CLIENT_BUILD_READ_TAR_FOR_TEST_H_
#define DAVIT_CLIENT_BUILD_READ_TAR_FOR_TEST_H_

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/strip.h"
#include "client/build/build_context.h"

namespace davit::build {

struct TarEntry {
  std::string path;  // without a slash at the end
  unsigned type = 0;
  unsigned mode = 0;
  std::string link;  // symbolic or hard
  std::string content;
};

inline std::vector<TarEntry> ReadTar(const std::string& tar) {
  std::vector<TarEntry> entries;
  archive* reader = archive_read_new();
  archive_read_support_format_tar(reader);
  archive_read_support_filter_gzip(reader);
  EXPECT_EQ(archive_read_open_memory(reader, tar.data(), tar.size()), ARCHIVE_OK);
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
    TarEntry read;
    read.path = std::string(absl::StripSuffix(archive_entry_pathname(entry), "/"));
    read.type = archive_entry_filetype(entry);
    read.mode = archive_entry_perm(entry);
    if (const char* link = archive_entry_symlink(entry)) read.link = link;
    if (const char* link = archive_entry_hardlink(entry)) read.link = link;
    read.content.resize(archive_entry_size(entry));
    EXPECT_EQ(archive_read_data(reader, read.content.data(), read.content.size()),
              static_cast<la_ssize_t>(read.content.size()));
    entries.push_back(std::move(read));
  }
  EXPECT_EQ(archive_error_string(reader), nullptr);
  archive_read_free(reader);
  return entries;
}

// What the context sends, whole.
inline std::string SendAll(const BuildContext& context, std::vector<std::string>* notes = nullptr) {
  std::string sent;
  const absl::Status status = context.Send(
      [&sent](absl::string_view piece) {
        EXPECT_LE(piece.size(), BuildContext::kPieceBytes);
        sent.append(piece.data(), piece.size());
        return true;
      },
      [notes](const std::string& note) {
        if (notes != nullptr) notes->push_back(note);
      });
  EXPECT_TRUE(status.ok()) << status;
  return sent;
}

inline std::vector<std::string> PathsOf(const std::vector<TarEntry>& entries) {
  std::vector<std::string> paths;
  for (const TarEntry& entry : entries) paths.push_back(entry.path);
  return paths;
}

}  // namespace davit::build

#endif  // DAVIT_CLIENT_BUILD_READ_TAR_FOR_TEST_H_
