#ifndef DAVIT_TESTS_BENCH_INSTANT_WORKERS_H_
#define DAVIT_TESTS_BENCH_INSTANT_WORKERS_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "controller/fleet/fleet.h"

namespace davit::bench {

// Workers in this process whose every step succeeds at once, so that what remains
// to be measured is the controller. They answer from one thread of their own, as
// real ones answer from gRPC's.
class InstantWorkers {
 public:
  // Called on the executor's thread when it acknowledges a step.
  using OnAck = std::function<void(const worker::v1::StepKey&)>;

  explicit InstantWorkers(OnAck on_ack = nullptr);
  ~InstantWorkers();

  // Links to `hosts`. The fleet must not outlive the workers.
  std::unique_ptr<fleet::Fleet> Connect(const std::vector<std::string>& hosts);

  // What a step says in its result, and nothing else says.
  static std::string SummaryOf(const std::string& step_id);

 private:
  class Client;
  using Started = std::pair<worker::v1::RunStepRequest, std::shared_ptr<fleet::StepObserver>>;

  void Loop();

  const OnAck on_ack_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Started> started_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace davit::bench

#endif  // DAVIT_TESTS_BENCH_INSTANT_WORKERS_H_
