#ifndef DAVIT_WORKER_STEPS_DATABASE_RESTORE_BEGIN_H_
#define DAVIT_WORKER_STEPS_DATABASE_RESTORE_BEGIN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::steps {

// When a step's restore was begun: the name that the old database gets is of that time, so
// that a worker that restarted knows what to look for. A file each below
// <state_directory>/restores, on disk when this returns; `now` where there is none yet.
// Those that are a month old are removed. Errors carry DISK_FULL or INTERNAL.
absl::StatusOr<absl::Time> RestoreBegin(const std::string& state_directory,
                                        const worker::v1::StepKey& key, absl::Time now);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_RESTORE_BEGIN_H_
