#ifndef DAVIT_CONTROLLER_STORE_SQLITE_OPEN_H_
#define DAVIT_CONTROLLER_STORE_SQLITE_OPEN_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/store/sqlite/connection.h"
#include "controller/store/sqlite/sqlite_store.h"

namespace davit::store {

// Makes the directory that `path` lies in, for the owner alone, where it is absent.
absl::Status MakeStoreDirectory(const std::string& path);

// Makes the file and its directory where they are absent, for the owner alone.
absl::Status MakeStoreFile(const std::string& path);

// The connection that writes, in WAL mode, with the schema up to date.
absl::StatusOr<std::unique_ptr<Connection>> OpenWriter(const std::string& path,
                                                       const SqliteOptions& options);

// A connection that cannot write.
absl::StatusOr<std::unique_ptr<Connection>> OpenReader(const std::string& path,
                                                       const SqliteOptions& options);

}  // namespace davit::store

#endif  // DAVIT_CONTROLLER_STORE_SQLITE_OPEN_H_
