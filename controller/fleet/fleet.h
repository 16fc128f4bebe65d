#ifndef DAVIT_CONTROLLER_FLEET_FLEET_H_
#define DAVIT_CONTROLLER_FLEET_FLEET_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "controller/fleet/host_condition.h"
#include "controller/fleet/host_link.h"
#include "controller/fleet/reaper.h"
#include "controller/fleet/worker_client.h"

namespace davit::fleet {

// The hosts that a controller deploys to, and its links to them. Thread-safe.
// What it gives out may outlive a host's removal, not the fleet.
class Fleet {
 public:
  explicit Fleet(Dial dial);

  // A link for somebody who wants to see the host first.
  absl::StatusOr<HostLink> Connect(const std::string& host, const std::string& address) const;
  // Takes the host up, in place of one of that name. Steps that run over the
  // link before end with HOST_UNREACHABLE.
  void Add(const std::string& host, HostLink link);
  // Connect and Add.
  absl::Status Add(const std::string& host, const std::string& address);
  // Does nothing when there is none.
  void Remove(const std::string& host);

  // HOST_UNKNOWN, with the names that are known, when there is none.
  absl::StatusOr<std::shared_ptr<WorkerClient>> Find(absl::string_view host) const;
  std::vector<std::string> Hosts() const;

  // How the host is; CONNECTING when it is not known. One that is not watched is
  // in the controller's own process, and ONLINE.
  HostCondition Condition(absl::string_view host) const;
  // Null when the host is not known or not watched.
  std::shared_ptr<HostMonitor> Monitor(absl::string_view host) const;

  // OK when all `hosts` can be deployed to: HOST_UNKNOWN, HOST_UNREACHABLE or the
  // worker's refusal otherwise. Gives hosts that connect until `deadline`.
  absl::Status CheckReady(const std::vector<std::string>& hosts, absl::Time deadline) const;

 private:
  struct Host {
    std::shared_ptr<WorkerClient> client;
    std::shared_ptr<HostMonitor> monitor;
  };

  std::vector<std::string> Names() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const Dial dial_;
  Reaper reaper_;  // ends after the hosts
  mutable absl::Mutex mutex_;
  std::map<std::string, Host, std::less<>> hosts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_FLEET_H_
