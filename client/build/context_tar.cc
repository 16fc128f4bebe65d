#include "client/build/context_tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "client/build/build_context.h"
#include "client/build/unreadable.h"
#include "common/failure/failure.h"

namespace davit::build {
namespace {

constexpr size_t kReadBytes = 64 << 10;

struct EntryDeleter {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Header = std::unique_ptr<archive_entry, EntryDeleter>;

absl::Status Changed(const std::string& path) {
  v1::Failure failure =
      MakeFailure(v1::SPEC_INVALID, absl::StrCat(path, " changed while it was sent"));
  failure.set_likely_cause("something writes to the build context");
  failure.set_next_command("build again, or name the file in .dockerignore");
  return FailureStatus(failure);
}

Header HeaderOf(const ContextEntry& entry) {
  Header header(archive_entry_new());
  const bool directory = S_ISDIR(entry.facts.st_mode);
  archive_entry_set_pathname(header.get(), absl::StrCat(entry.path, directory ? "/" : "").c_str());
  archive_entry_set_filetype(header.get(), entry.facts.st_mode & S_IFMT);
  archive_entry_set_perm(header.get(), entry.facts.st_mode & ~S_IFMT);
  // Docker gives what is copied to root; fractions of seconds would make long headers.
  archive_entry_set_uid(header.get(), 0);
  archive_entry_set_gid(header.get(), 0);
  archive_entry_set_mtime(header.get(), entry.facts.st_mtime, 0);
  archive_entry_set_size(header.get(), S_ISREG(entry.facts.st_mode) ? entry.facts.st_size : 0);
  return header;
}

}  // namespace

ContextTar::ContextTar(absl::FunctionRef<bool(absl::string_view)> sink)
    : sink_(sink), writer_(archive_write_new()) {
  archive_write_set_format_pax_restricted(writer_);
  archive_write_add_filter_gzip(writer_);
  // Sending is seldom slower than compressing at the default level.
  archive_write_set_filter_option(writer_, "gzip", "compression-level", "3");
  archive_write_set_filter_option(writer_, "gzip", "timestamp", nullptr);
  archive_write_set_format_option(writer_, "pax", "hdrcharset", "BINARY");
  archive_write_set_bytes_per_block(writer_, BuildContext::kPieceBytes);
  archive_write_set_bytes_in_last_block(writer_, 1);
  const auto write = [](archive*, void* self, const void* data, size_t size) -> la_ssize_t {
    auto& tar = *static_cast<ContextTar*>(self);
    tar.stopped_ = tar.stopped_ || !tar.sink_({static_cast<const char*>(data), size});
    return tar.stopped_ ? -1 : static_cast<la_ssize_t>(size);
  };
  archive_write_open(writer_, this, nullptr, write, nullptr);
}

ContextTar::~ContextTar() {
  // Closing would hand out the end of a tar that is not whole.
  stopped_ = true;
  archive_write_free(writer_);
}

absl::Status ContextTar::WriterStatus() const {
  if (stopped_) return absl::CancelledError("the build context is not wanted any more");
  const char* why = archive_error_string(writer_);
  return FailureStatus(v1::INTERNAL, "the build context cannot be written",
                       {why == nullptr ? "libarchive does not say why" : why});
}

absl::Status ContextTar::WriteHeader(archive_entry* header) {
  // ARCHIVE_WARN: a name that is no UTF-8 was written as it is.
  return archive_write_header(writer_, header) < ARCHIVE_WARN ? WriterStatus() : absl::OkStatus();
}

absl::Status ContextTar::Add(const ContextEntry& entry) {
  const Header header = HeaderOf(entry);
  if (S_ISLNK(entry.facts.st_mode)) return AddLink(entry, header.get());
  if (!S_ISREG(entry.facts.st_mode)) return WriteHeader(header.get());
  if (entry.facts.st_nlink < 2) return AddFile(entry, header.get());
  const auto [first, is_first] =
      linked_.emplace(FileId{entry.facts.st_dev, entry.facts.st_ino}, entry.path);
  if (is_first) return AddFile(entry, header.get());
  archive_entry_set_hardlink(header.get(), first->second.c_str());
  archive_entry_set_size(header.get(), 0);
  return WriteHeader(header.get());
}

absl::Status ContextTar::AddLink(const ContextEntry& entry, archive_entry* header) {
  std::array<char, PATH_MAX + 1> target{};
  const ssize_t length =
      readlinkat(entry.directory, entry.name.c_str(), target.data(), target.size() - 1);
  if (length < 0) return Unreadable(entry.path, errno);
  archive_entry_set_symlink(header, target.data());
  return WriteHeader(header);
}

absl::Status ContextTar::AddFile(const ContextEntry& entry, archive_entry* header) {
  const int file =
      openat(entry.directory, entry.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return Unreadable(entry.path, errno);
  const absl::Cleanup close_it = [file] { close(file); };
  if (absl::Status written = WriteHeader(header); !written.ok()) return written;
  return Copy(entry, file);
}

absl::Status ContextTar::Copy(const ContextEntry& entry, int file) {
  std::vector<char> buffer(kReadBytes);
  off_t left = entry.facts.st_size;
  while (true) {
    const ssize_t count = read(file, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Unreadable(entry.path, errno);
    if (count > left || (count == 0 && left > 0)) return Changed(entry.path);
    if (count == 0) return absl::OkStatus();
    if (archive_write_data(writer_, buffer.data(), count) != count) return WriterStatus();
    left -= count;
  }
}

absl::Status ContextTar::Finish() {
  return archive_write_close(writer_) == ARCHIVE_OK ? absl::OkStatus() : WriterStatus();
}

}  // namespace davit::build
