#ifndef DAVIT_WORKER_DATABASE_CONNECTION_NAME_LOOKUP_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_NAME_LOOKUP_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call.h"

namespace davit::database {

// Addresses that this host's name service has for a name (of an address: itself), in its
// order. A service that hangs cannot be interrupted: it is left behind after `timeout`,
// or when `call` ends. ConnectStatus() of kNameNotFound with the service's words.
absl::StatusOr<std::vector<std::string>> LookUpName(const std::string& name, absl::Duration timeout,
                                                    const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_NAME_LOOKUP_H_
