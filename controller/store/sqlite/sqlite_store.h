#ifndef DAVIT_CONTROLLER_STORE_SQLITE_SQLITE_STORE_H_
#define DAVIT_CONTROLLER_STORE_SQLITE_SQLITE_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/store/store.h"

namespace davit::store {

class Connection;

struct SqliteOptions {
  absl::Duration busy_timeout = absl::Seconds(5);  // wait for another process's lock
  int readers = 4;                                 // Views at a time; more wait
  int64_t max_pages = 0;                           // of 4 KiB that the file may have; 0: no limit
};

// Keeps everything in one file: SQLite in WAL mode, each commit flushed to disk.
// One connection writes, a few read. Several processes may open the file.
//
// Errors, besides those of store.h: RESOURCE_EXHAUSTED with DISK_FULL, DATA_LOSS
// when the file is damaged, UNAVAILABLE when it is locked for too long.
class SqliteStore final : public Store {
 public:
  // Opens the file at `path`, or makes it (mode 0600) and its directory (0700),
  // and brings its schema up to date. FAILED_PRECONDITION when a newer Davit
  // wrote it.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(const std::string& path,
                                                           const SqliteOptions& options = {});
  ~SqliteStore() override;

  absl::Status View(absl::FunctionRef<absl::Status(ReadTxn&)> fn) override;
  absl::Status Update(absl::FunctionRef<absl::Status(Txn&)> fn) override;
  std::vector<absl::Status> UpdateEach(absl::Span<const UpdateFn> fns) override;

 private:
  SqliteStore(std::unique_ptr<Connection> writer, std::vector<std::unique_ptr<Connection>> readers);

  absl::StatusOr<std::unique_ptr<Connection>> TakeReader();
  void GiveReader(std::unique_ptr<Connection> reader);

  absl::Mutex write_mutex_;
  const std::unique_ptr<Connection> writer_ ABSL_PT_GUARDED_BY(write_mutex_);
  absl::Mutex readers_mutex_;
  std::vector<std::unique_ptr<Connection>> idle_readers_ ABSL_GUARDED_BY(readers_mutex_);
};

}  // namespace davit::store

#endif  // DAVIT_CONTROLLER_STORE_SQLITE_SQLITE_STORE_H_
