#ifndef DAVIT_CONTROLLER_API_ENVIRONMENT_HOSTS_H_
#define DAVIT_CONTROLLER_API_ENVIRONMENT_HOSTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/store/store.h"

namespace davit::api {

// The hosts of an environment, as its latest deployment had them. NOT_FOUND when
// nothing was ever deployed there.
absl::StatusOr<std::vector<std::string>> EnvironmentHosts(store::ReadTxn& txn,
                                                          absl::string_view project,
                                                          absl::string_view environment);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_ENVIRONMENT_HOSTS_H_
