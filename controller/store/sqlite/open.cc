#include "controller/store/sqlite/open.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/store/sqlite/errors.h"
#include "controller/store/sqlite/schema.h"

namespace davit::store {
namespace {

// Pages of the log after which they are put where they belong. A page that changes
// often is put there once for many changes, and the commit that has to do it has 16 MiB
// to write at most.
constexpr char kCheckpointEvery[] = "PRAGMA wal_autocheckpoint = 4000";

absl::Status MakeDirectory(const std::filesystem::path& directory) {
  if (directory.empty()) return absl::OkStatus();
  std::error_code error;
  if (directory.has_parent_path()) {
    std::filesystem::create_directories(directory.parent_path(), error);
  }
  if (mkdir(directory.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("making the directory ", directory.string()));
}

// Changing the mode cannot wait for a lock as other statements do: SQLite
// answers at once that the database is busy while another process opens it.
void EnterWalMode(Connection& connection, absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (true) {
    try {
      connection.Execute("PRAGMA journal_mode = WAL");
      return;
    } catch (const SQLite::Exception& error) {
      if (!absl::IsUnavailable(StatusOf(error)) || absl::Now() >= deadline) throw;
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
}

}  // namespace

absl::Status MakeStoreDirectory(const std::string& path) {
  return MakeDirectory(std::filesystem::path(path).parent_path());
}

absl::Status MakeStoreFile(const std::string& path) {
  absl::Status status = MakeStoreDirectory(path);
  if (!status.ok()) return status;
  // SQLite gives its companion files (-wal, -shm) the mode of this one.
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("opening ", path));
  close(fd);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Connection>> OpenWriter(const std::string& path,
                                                       const SqliteOptions& options) {
  return Guarded([&]() -> absl::StatusOr<std::unique_ptr<Connection>> {
    auto writer = std::make_unique<Connection>(path, options.busy_timeout);
    EnterWalMode(*writer, options.busy_timeout);
    writer->Execute(kCheckpointEvery);
    if (options.max_pages > 0) {
      writer->Execute(absl::StrCat("PRAGMA max_page_count = ", options.max_pages).c_str());
    }
    if (absl::Status status = MigrateSchema(*writer); !status.ok()) return status;
    return writer;
  });
}

absl::StatusOr<std::unique_ptr<Connection>> OpenReader(const std::string& path,
                                                       const SqliteOptions& options) {
  return Guarded([&]() -> absl::StatusOr<std::unique_ptr<Connection>> {
    auto reader = std::make_unique<Connection>(path, options.busy_timeout);
    reader->Execute("PRAGMA query_only = ON");
    return reader;
  });
}

}  // namespace davit::store
