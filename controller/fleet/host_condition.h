#ifndef DAVIT_CONTROLLER_FLEET_HOST_CONDITION_H_
#define DAVIT_CONTROLLER_FLEET_HOST_CONDITION_H_

#include <optional>

#include "absl/time/time.h"
#include "davit/v1/host_service.pb.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::fleet {

// How a host is, as far as is known now.
struct HostCondition {
  v1::Host::State state = v1::Host::CONNECTING;
  absl::Time since = absl::InfinitePast();
  // Why it is not ONLINE; or, when it is, why its Docker Engine is of no use.
  std::optional<v1::Failure> problem;
  // The newest; of before the host went away, where it is away.
  std::optional<worker::v1::WatchHostResponse> report;
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_HOST_CONDITION_H_
