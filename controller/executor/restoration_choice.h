#ifndef DAVIT_CONTROLLER_EXECUTOR_RESTORATION_CHOICE_H_
#define DAVIT_CONTROLLER_EXECUTOR_RESTORATION_CHOICE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/store/store.h"
#include "davit/v1/spec.pb.h"

namespace davit::executor {

// The record of the release of `app` with this number, for a rollback to make it live again.
// NOT_FOUND for a number that there is not; WRONG_STATE for one that serves now, that was
// never live, or of which too little was recorded.
absl::StatusOr<state::v1::ReleaseRecord> ChooseRelease(store::ReadTxn& txn,
                                                       const v1::EnvironmentSpec& spec,
                                                       const std::string& app, int64_t number);

// What an app can go back to without a number.
struct WaysBack {
  // Those that were live before the one that is now, newest first. A release that is itself
  // an older one again counts as that older one: going back once more goes further back, never
  // to what was gone back from. Empty: there are none, or none is live.
  std::vector<state::v1::ReleaseRecord> older;
  // As many of the first ones are the same as what is live, as when it was deployed twice.
  size_t same = 0;
};

absl::StatusOr<WaysBack> FindWaysBack(store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
                                      const std::string& app);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_RESTORATION_CHOICE_H_
