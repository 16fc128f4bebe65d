#ifndef DAVIT_WORKER_STEPS_CREATED_RECORD_H_
#define DAVIT_WORKER_STEPS_CREATED_RECORD_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "davit/worker/v1/steps.pb.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::steps {

// What create_resources makes, one file a step under <state_directory>/created.
// Written before anything is made, so that whatever happens the inverse knows
// what may be there.
class CreatedRecords {
 public:
  explicit CreatedRecords(std::string state_directory);

  // fsynced; replaces what was there as a whole.
  absl::Status Write(const worker::v1::StepKey& key,
                     const worker::v1::CreatedResources& created) const;
  // Empty when the step made nothing or never began.
  absl::StatusOr<worker::v1::CreatedResources> Read(const worker::v1::StepKey& key) const;
  // Those of the whole deployment of `key`: there is no way back any more.
  void Forget(const worker::v1::StepKey& key) const;

 private:
  std::string DirectoryOf(const worker::v1::StepKey& key) const;
  std::string PathOf(const worker::v1::StepKey& key) const;

  const std::string directory_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_CREATED_RECORD_H_
