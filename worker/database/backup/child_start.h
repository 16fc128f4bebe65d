#ifndef DAVIT_WORKER_DATABASE_BACKUP_CHILD_START_H_
#define DAVIT_WORKER_DATABASE_BACKUP_CHILD_START_H_

#include <sys/types.h>

#include "absl/status/statusor.h"
#include "worker/database/backup/child.h"

namespace davit::database {

// Starts a program as a process group of its own, whose standard error is `error`: its pid. It is
// the program once this returns, and gets SIGTERM when the calling thread ends, which has to wait
// for it. Errors are the system's: NOT_FOUND when there is no such program.
absl::StatusOr<pid_t> StartChild(const ChildCommand& command, int error);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_BACKUP_CHILD_START_H_
