#ifndef DAVIT_CONTROLLER_FLEET_HOST_MONITOR_H_
#define DAVIT_CONTROLLER_FLEET_HOST_MONITOR_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "controller/fleet/backoff.h"
#include "controller/fleet/host_condition.h"
#include "controller/fleet/timer.h"

namespace davit::fleet {

struct HostMonitorOptions {
  std::string host;
  std::string address;  // for the log
  // Who asks.
  std::string cluster_id;
  std::string controller_id;
  // When the controller's records were restored from a backup; InfinitePast: never.
  absl::Time restored = absl::InfinitePast();
  absl::Duration first_report = absl::Seconds(10);  // of a connection, at the latest
  absl::Duration silence = absl::Seconds(15);       // between two reports, at most
  Backoff backoff = {absl::Milliseconds(200), absl::Seconds(10), nullptr};
  // Finds out why the worker cannot be reached, one fact an entry, until a
  // deadline. May block. Empty: nobody can say.
  std::function<std::vector<std::string>(absl::Time)> explain;
  // Where it is asked of itself when the host goes away: its actions may block, one
  // after the other. Outlives the monitor. Null: only Explained asks.
  Timer* explainer = nullptr;
};

// Knows how one host is: keeps a WatchHost stream to its worker, without a
// thread. A stream that breaks, or no report in time, is AWAY at once; a worker
// that refuses is REFUSED. Both are tried again for ever. Thread-safe.
class HostMonitor {
 public:
  // Connects at once. `timer` and `clock` outlive the monitor.
  HostMonitor(HostMonitorOptions options, const std::shared_ptr<grpc::Channel>& channel,
              Timer& timer, const Clock& clock);
  // Ends the stream and waits for that. Not to be called from a stream's thread.
  ~HostMonitor();

  HostCondition Condition() const;
  // Tries a host that is AWAY again now, whatever pause there is: who asks wants to know
  // how it is, not how it was. AwaitSettled waits for what comes of it.
  void Hurry() const;
  // Waits until the host reports, refuses, or has not answered for some seconds;
  // until `deadline` at most.
  HostCondition AwaitSettled(absl::Time deadline) const;
  // Waits until the host is in `state`, until `deadline` at most.
  HostCondition Await(v1::Host::State state, absl::Time deadline) const;
  // The condition with what `explain` finds out about a host that does not
  // answer. What it found stays with the condition until the host answers.
  HostCondition Explained(absl::Time deadline) const;
  // Asks the worker anew, at once: CONNECTING until it has answered.
  void Renew();

 private:
  class Stream;
  class Watch;

  const std::function<std::vector<std::string>(absl::Time)> explain_;
  const std::shared_ptr<Watch> watch_;
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_HOST_MONITOR_H_
