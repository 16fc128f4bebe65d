#include "controller/fleet/host_link.h"

#include <utility>

#include "controller/fleet/grpc_worker_client.h"
#include "controller/fleet/reattaching_worker_client.h"

namespace davit::fleet {
namespace {

std::unique_ptr<HostMonitor> MakeMonitor(const DialOptions& options, const std::string& host,
                                         const std::string& address,
                                         const std::shared_ptr<grpc::Channel>& channel,
                                         Timer& timer, const Clock& clock) {
  HostMonitorOptions monitor;
  monitor.host = host;
  monitor.cluster_id = options.cluster_id;
  monitor.controller_id = options.controller_id;
  monitor.restored = options.restored;
  monitor.backoff = options.backoff;
  if (options.explain) {
    monitor.explain = [explain = options.explain, host, address](absl::Time deadline) {
      return explain(host, address, deadline);
    };
  }
  return std::make_unique<HostMonitor>(std::move(monitor), channel, timer, clock);
}

}  // namespace

Dial MakeDial(DialOptions options, Timer& timer, const Clock& clock) {
  return [options = std::move(options), &timer, &clock](
             const std::string& host, const std::string& address) -> absl::StatusOr<HostLink> {
    const auto channel = options.connect(host, address);
    if (!channel.ok()) return channel.status();
    HostLink link;
    link.client = std::make_unique<ReattachingWorkerClient>(
        host, std::make_unique<GrpcWorkerClient>(host, *channel, options.controller_id), timer);
    if (options.watch) link.monitor = MakeMonitor(options, host, address, *channel, timer, clock);
    return link;
  };
}

}  // namespace davit::fleet
