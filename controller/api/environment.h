#ifndef DAVIT_CONTROLLER_API_ENVIRONMENT_H_
#define DAVIT_CONTROLLER_API_ENVIRONMENT_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/executor/live_apps.h"
#include "controller/store/store.h"

// What calls begin with that ask about an environment.
namespace davit::api {

// SPEC_INVALID unless both are there.
absl::Status CheckEnvironmentNamed(absl::string_view project, absl::string_view environment);

// The live releases of an environment. NOT_FOUND when nothing was ever deployed
// there.
absl::StatusOr<std::vector<executor::LiveApp>> AppsOf(store::ReadTxn& txn,
                                                      absl::string_view project,
                                                      absl::string_view environment);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_ENVIRONMENT_H_
