#include "controller/fleet/host_monitor.h"

#include <utility>

#include "controller/fleet/host_watch.h"

namespace davit::fleet {

HostMonitor::HostMonitor(HostMonitorOptions options, const std::shared_ptr<grpc::Channel>& channel,
                         Timer& timer, const Clock& clock)
    : explain_(options.explain),
      watch_(std::make_shared<Watch>(std::move(options), channel, timer, clock)) {
  watch_->Start();
}

HostMonitor::~HostMonitor() { watch_->Close(); }

HostCondition HostMonitor::Condition() const { return watch_->Condition(); }

void HostMonitor::Hurry() const { watch_->Hurry(); }

HostCondition HostMonitor::AwaitSettled(absl::Time deadline) const {
  return watch_->AwaitSettled(deadline);
}

HostCondition HostMonitor::Await(v1::Host::State state, absl::Time deadline) const {
  return watch_->Await(state, deadline);
}

HostCondition HostMonitor::Explained(absl::Time deadline) const {
  if (explain_ && watch_->Condition().state == v1::Host::AWAY) watch_->Explain(explain_(deadline));
  return watch_->Condition();
}

void HostMonitor::Renew() { watch_->Renew(); }

}  // namespace davit::fleet
