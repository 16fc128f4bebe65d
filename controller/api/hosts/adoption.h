#ifndef DAVIT_CONTROLLER_API_HOSTS_ADOPTION_H_
#define DAVIT_CONTROLLER_API_HOSTS_ADOPTION_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/store/store.h"
#include "davit/worker/v1/worker_service.pb.h"

// The records of a controller that was restored from a backup, beside a host that
// has gone on without it.
namespace davit::api {

using Environment = std::pair<std::string, std::string>;  // project, name

// Those that the worker has seen or the records know.
absl::StatusOr<std::set<Environment>> EnvironmentsOf(
    store::ReadTxn& txn, const worker::v1::AdoptControllerResponse& worker);

// The next holder of each lock gets a fence above the worker's.
absl::Status RaiseFences(store::Txn& txn, const worker::v1::AdoptControllerResponse& worker);

// Compares the environment's containers on the host with the records, and reserves
// the release numbers that the containers have. Appends what differs to
// `differences`, one sentence each.
absl::Status CompareEnvironment(store::Txn& txn, const Environment& environment,
                                const std::string& host,
                                const std::vector<worker::v1::ObservedContainer>& containers,
                                std::vector<std::string>& differences);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_HOSTS_ADOPTION_H_
