#ifndef DAVIT_CONTROLLER_FLEET_FLEET_H_
#define DAVIT_CONTROLLER_FLEET_FLEET_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/fleet/worker_client.h"

namespace davit::fleet {

// The workers that a controller knows, by host. Owns their clients. Fixed once
// made, so it needs no lock.
class Fleet {
 public:
  explicit Fleet(std::map<std::string, std::unique_ptr<WorkerClient>, std::less<>> workers);

  // HOST_UNKNOWN, with the names that are known, when there is none.
  absl::StatusOr<WorkerClient*> Find(absl::string_view host) const;
  std::vector<std::string> Hosts() const;

 private:
  std::map<std::string, std::unique_ptr<WorkerClient>, std::less<>> workers_;
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_FLEET_H_
