#ifndef DAVIT_WORKER_DATABASE_RESTORE_LOADED_DATABASE_H_
#define DAVIT_WORKER_DATABASE_RESTORE_LOADED_DATABASE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

namespace davit::database {

// A fresh database that a backup is read into, as it is on the server. Its comment says once all
// of the backup is in it: a worker that is killed leaves the same name with a part of it.
struct LoadedDatabase {
  bool exists = false;
  bool whole = false;  // all of the backup is in it
  std::string oid;
  std::string owner;
};

// The database `fresh`, and whether it is whole with what the backup `file` has.
absl::StatusOr<LoadedDatabase> FindLoaded(Connection& connection, const std::string& fresh,
                                          const std::string& file, const Call& call);

// Says of `fresh` that it is whole. kServer also where it is gone meanwhile.
absl::Status MarkWhole(Connection& connection, const std::string& fresh, const std::string& file,
                       const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_RESTORE_LOADED_DATABASE_H_
