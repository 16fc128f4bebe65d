#ifndef DAVIT_CONTROLLER_EXECUTOR_RESTORATION_CHOICE_H_
#define DAVIT_CONTROLLER_EXECUTOR_RESTORATION_CHOICE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "controller/store/store.h"
#include "davit/v1/spec.pb.h"

namespace davit::executor {

// The record of the release of `app` that a rollback makes live again. `number` is the one
// that is wanted; 0: the last one that was live before the one that is now. A release that
// is itself an older one again counts as that older one: going back once more goes further
// back, never to what was gone back from. nullopt: there is no such one, or none is live, for
// 0 alone.
// NOT_FOUND for a number that there is not; WRONG_STATE for one that serves now, that was
// never live, or of which too little was recorded.
absl::StatusOr<std::optional<state::v1::ReleaseRecord>> ChooseRelease(
    store::ReadTxn& txn, const v1::EnvironmentSpec& spec, const std::string& app, int64_t number);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_RESTORATION_CHOICE_H_
