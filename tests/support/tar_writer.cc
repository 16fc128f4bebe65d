#include "tests/support/tar_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include <utility>

namespace davit::test {
namespace {

la_ssize_t Append(archive*, void* tar, const void* data, size_t size) {
  static_cast<std::string*>(tar)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

TarWriter::TarWriter() : writer_(archive_write_new()) {
  archive_write_set_format_ustar(writer_);
  archive_write_open(writer_, &tar_, nullptr, &Append, nullptr);
}

TarWriter::~TarWriter() { archive_write_free(writer_); }

void TarWriter::Add(absl::string_view path, unsigned type, int mode, absl::string_view content,
                    absl::string_view target) {
  archive_entry* entry = archive_entry_new();
  archive_entry_set_pathname(entry, std::string(path).c_str());
  archive_entry_set_filetype(entry, type);
  archive_entry_set_perm(entry, static_cast<mode_t>(mode));
  archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
  if (!target.empty()) archive_entry_set_symlink(entry, std::string(target).c_str());
  archive_write_header(writer_, entry);
  archive_write_data(writer_, content.data(), content.size());
  archive_entry_free(entry);
}

void TarWriter::AddDirectory(absl::string_view path, int mode) {
  Add(path, AE_IFDIR, mode, "", "");
}

void TarWriter::AddFile(absl::string_view path, absl::string_view content, int mode) {
  Add(path, AE_IFREG, mode, content, "");
}

void TarWriter::AddLink(absl::string_view path, absl::string_view target) {
  Add(path, AE_IFLNK, 0777, "", target);
}

std::string TarWriter::Finish() {
  archive_write_close(writer_);
  return std::move(tar_);
}

}  // namespace davit::test
