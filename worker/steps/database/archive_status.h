#ifndef DAVIT_WORKER_STEPS_DATABASE_ARCHIVE_STATUS_H_
#define DAVIT_WORKER_STEPS_DATABASE_ARCHIVE_STATUS_H_

#include <string>

#include "absl/status/status.h"
#include "davit/v1/failure.pb.h"

namespace davit::steps {

// What a person is told of a backup or restore of database `name` that did not get done:
// an ArchiveFailure as a Failure of `code`, or STEP_UNKNOWN where its outcome is not
// known; CANCELLED where that ended it. Statuses that are no ArchiveFailure stay.
absl::Status ArchiveStatus(const absl::Status& status, v1::FailureCode code,
                           const std::string& name);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_ARCHIVE_STATUS_H_
