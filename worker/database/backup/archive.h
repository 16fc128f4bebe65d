#ifndef DAVIT_WORKER_DATABASE_BACKUP_ARCHIVE_H_
#define DAVIT_WORKER_DATABASE_BACKUP_ARCHIVE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/backup/tools.h"

namespace davit::database {

// A file of pg_dump's custom format, open. Owns the descriptor.
class ArchiveFile {
 public:
  explicit ArchiveFile(int descriptor) : descriptor_(descriptor) {}
  ArchiveFile(ArchiveFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ArchiveFile& operator=(ArchiveFile&&) = delete;
  ~ArchiveFile();

  // kArchiveMissing; kDirectory when it may not be read.
  static absl::StatusOr<ArchiveFile> Open(const std::string& path);

  int descriptor() const { return descriptor_; }
  int64_t size_bytes() const;
  // How far the tool that it is the input of has read.
  int64_t position_bytes() const;
  // To its begin, for a tool to read.
  void Rewind() const;

 private:
  int descriptor_;
};

// Hexadecimal, of all of it, whatever the position.
absl::StatusOr<std::string> Sha256Of(const Call& call, const ArchiveFile& archive);

// Has pg_restore read all of it, to nowhere: a table of contents would pass for a
// file that is cut off. `progress` gets the bytes read. kArchiveDamaged.
absl::Status ReadWholeArchive(const Call& call, ToolRunner& tools, const ArchiveFile& archive,
                              const std::function<void(int64_t)>& progress);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_BACKUP_ARCHIVE_H_
