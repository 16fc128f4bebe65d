#include "controller/fleet/host_link.h"

#include <utility>

#include "controller/fleet/acknowledging_worker_client.h"
#include "controller/fleet/grpc_worker_client.h"
#include "controller/fleet/reattaching_worker_client.h"

namespace davit::fleet {
namespace {

HostMonitorOptions MonitorOptions(const DialOptions& options, const std::string& host,
                                  const std::string& address, Timer* explainer) {
  HostMonitorOptions monitor;
  monitor.host = host;
  monitor.address = address;
  monitor.cluster_id = options.cluster_id;
  monitor.controller_id = options.controller_id;
  monitor.restored = options.restored;
  monitor.backoff = options.backoff;
  if (options.explain) {
    monitor.explain = [explain = options.explain, host, address](absl::Time deadline) {
      return explain(host, address, deadline);
    };
  }
  monitor.explainer = explainer;
  return monitor;
}

}  // namespace

Dial MakeDial(DialOptions options, Timer& timer, const Clock& clock) {
  // As looking into a host may take seconds, `timer` must not wait for it.
  std::shared_ptr<Timer> explainer;
  if (options.watch && options.explain) explainer = std::make_shared<ThreadTimer>();
  return [options = std::move(options), explainer = std::move(explainer), &timer, &clock](
             const std::string& host, const std::string& address) -> absl::StatusOr<HostLink> {
    const auto channel = options.connect(host, address);
    if (!channel.ok()) return channel.status();
    HostLink link;
    auto client = std::make_unique<GrpcWorkerClient>(host, *channel, options.controller_id);
    link.client = std::make_unique<AcknowledgingWorkerClient>(
        std::make_unique<ReattachingWorkerClient>(host, std::move(client), timer), timer);
    if (options.watch) {
      link.monitor = std::make_unique<HostMonitor>(
          MonitorOptions(options, host, address, explainer.get()), *channel, timer, clock);
    }
    return link;
  };
}

}  // namespace davit::fleet
