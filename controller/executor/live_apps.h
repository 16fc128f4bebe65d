#ifndef DAVIT_CONTROLLER_EXECUTOR_LIVE_APPS_H_
#define DAVIT_CONTROLLER_EXECUTOR_LIVE_APPS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/store/store.h"

namespace davit::executor {

// A live release, and the hosts that it was made live on.
struct LiveApp {
  state::v1::ReleaseRecord release;
  std::vector<std::string> hosts;  // in rollout order

  bool IsOn(absl::string_view host) const;
};

// The live releases of an environment, by app. An app's hosts are those of the
// deployment that made it live: one that failed, or was of other apps, says nothing.
absl::StatusOr<std::vector<LiveApp>> LiveApps(store::ReadTxn& txn, absl::string_view project,
                                              absl::string_view environment);

// The record of deployment `id`, without reading its steps; nullopt when there is none.
absl::StatusOr<std::optional<state::v1::DeploymentRecord>> RecordOf(store::ReadTxn& txn,
                                                                    const std::string& id);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_LIVE_APPS_H_
