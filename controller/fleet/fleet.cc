#include "controller/fleet/fleet.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"

namespace davit::fleet {

Fleet::Fleet(std::map<std::string, std::unique_ptr<WorkerClient>, std::less<>> workers)
    : workers_(std::move(workers)) {}

absl::StatusOr<WorkerClient*> Fleet::Find(absl::string_view host) const {
  const auto found = workers_.find(host);
  if (found != workers_.end()) return found->second.get();
  return FailureStatus(
      v1::HOST_UNKNOWN, absl::StrCat("the controller knows no host named ", host),
      {workers_.empty() ? "it knows no host at all"
                        : absl::StrCat("it knows: ", absl::StrJoin(Hosts(), ", "))});
}

std::vector<std::string> Fleet::Hosts() const {
  std::vector<std::string> hosts;
  for (const auto& [host, worker] : workers_) hosts.push_back(host);
  return hosts;
}

}  // namespace davit::fleet
