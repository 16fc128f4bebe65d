#ifndef DAVIT_WORKER_STEPS_RESOURCES_CREATED_RECORD_H_
#define DAVIT_WORKER_STEPS_RESOURCES_CREATED_RECORD_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "davit/worker/v1/steps.pb.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::steps {

// What create_resources makes and relies on, one file a step under
// <state_directory>/created. Written before anything is made, so that whatever happens
// the inverse knows what may be there.
//
// Steps share what they find in each other's records, those of checks and of other
// environments too: it stays until the last of them is undone, and for good once the
// deployment of one of them has succeeded.
class CreatedRecords {
 public:
  explicit CreatedRecords(std::string state_directory);

  // Held from the look at what is there and who has it until that is written down, and
  // what it says is done. The worker's own, for all objects; Forget takes it.
  static absl::Mutex& lock();

  // fsynced; replaces what was there as a whole.
  absl::Status Write(const worker::v1::StepKey& key,
                     const worker::v1::CreatedResources& created) const;
  // Empty when the step made nothing, never began or is undone.
  absl::StatusOr<worker::v1::CreatedResources> Read(const worker::v1::StepKey& key) const;
  // What all steps but this one have.
  absl::StatusOr<worker::v1::CreatedResources> OfOthers(const worker::v1::StepKey& key) const;
  // The step is undone. fsynced; gone already: OK.
  absl::Status Drop(const worker::v1::StepKey& key) const;
  // Those of the whole deployment of `key`: there is no way back any more. What they have
  // serves now, and leaves the records of others, too. As far as it goes: what cannot be
  // taken out of them stays listed here, and so is not removed either.
  void Forget(const worker::v1::StepKey& key) const ABSL_LOCKS_EXCLUDED(lock());

 private:
  std::string DirectoryOf(const worker::v1::StepKey& key) const;
  std::string PathOf(const worker::v1::StepKey& key) const;

  const std::string directory_;
};

// Adds what `created` does not have yet.
void AddResources(const worker::v1::CreatedResources& more, worker::v1::CreatedResources& created);
// Takes out what `less` has.
void RemoveResourcesOf(const worker::v1::CreatedResources& less,
                       worker::v1::CreatedResources& created);
bool HasName(const google::protobuf::RepeatedPtrField<std::string>& names, absl::string_view name);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_RESOURCES_CREATED_RECORD_H_
