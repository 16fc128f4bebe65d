#ifndef DAVIT_CONTROLLER_EXECUTOR_REFUSAL_H_
#define DAVIT_CONTROLLER_EXECUTOR_REFUSAL_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "davit/state/v1/state.pb.h"

namespace davit::executor {

// Whether `status` is an answer to the caller (a lock is held, a host is not
// known…), as opposed to an error of the store that may pass.
bool IsRefusal(const absl::Status& status);

// What a caller sees of an error of the store.
absl::Status StoreFailure(const absl::Status& status);

absl::Status LockHeld(const state::v1::LockRecord& lock);
absl::Status NoSuchDeployment(absl::string_view id);
absl::Status HasEnded(const v1::Deployment& deployment);
absl::Status Stopping();

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_REFUSAL_H_
