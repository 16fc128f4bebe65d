#ifndef DAVIT_CONTROLLER_FLEET_HOST_LINK_H_
#define DAVIT_CONTROLLER_FLEET_HOST_LINK_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "controller/fleet/backoff.h"
#include "controller/fleet/host_monitor.h"
#include "controller/fleet/timer.h"
#include "controller/fleet/worker_client.h"

namespace davit::fleet {

// What a controller has of one host.
struct HostLink {
  std::unique_ptr<WorkerClient> client;
  std::unique_ptr<HostMonitor> monitor;  // null: the host is not watched
};

// Makes the link to a host. Does not wait for its worker.
using Dial =
    std::function<absl::StatusOr<HostLink>(const std::string& host, const std::string& address)>;

struct DialOptions {
  // The channel to the worker of a host at an address; an error when the address
  // cannot be one. Knows the certificates.
  std::function<absl::StatusOr<std::shared_ptr<grpc::Channel>>(const std::string& host,
                                                               const std::string& address)>
      connect;
  // Finds out why a worker cannot be reached, as HostMonitorOptions.explain.
  std::function<std::vector<std::string>(const std::string& host, const std::string& address,
                                         absl::Time deadline)>
      explain;
  // Of the controller's store.
  std::string cluster_id;
  std::string controller_id;
  absl::Time restored = absl::InfinitePast();
  bool watch = true;
  Backoff backoff = HostMonitorOptions().backoff;  // of the monitors
};

// Links over gRPC: steps that are taken up again, and a monitor. The Dial, `timer` and
// `clock` outlive them.
Dial MakeDial(DialOptions options, Timer& timer, const Clock& clock);

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_HOST_LINK_H_
