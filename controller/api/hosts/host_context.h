#ifndef DAVIT_CONTROLLER_API_HOSTS_HOST_CONTEXT_H_
#define DAVIT_CONTROLLER_API_HOSTS_HOST_CONTEXT_H_

#include <map>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "controller/fleet/fleet.h"
#include "controller/store/store.h"

namespace davit::api {

// What the handlers of hosts work with. What it refers to outlives the service.
struct HostContext {
  store::Store& store;
  fleet::Fleet& fleet;
  const Clock& clock;
  // Addresses by name of hosts that are the controller's own and no records: those
  // of local mode's agent, which takes up no others.
  std::map<std::string, std::string> fixed_hosts = {};
  absl::Duration patience = absl::Seconds(10);  // for a worker to answer when it is added
  absl::Duration explanation = absl::Seconds(3);
  // One change of the list at a time: store and fleet are changed together.
  std::shared_ptr<absl::Mutex> changes = std::make_shared<absl::Mutex>();
};

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_HOSTS_HOST_CONTEXT_H_
