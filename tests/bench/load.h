#ifndef DAVIT_TESTS_BENCH_LOAD_H_
#define DAVIT_TESTS_BENCH_LOAD_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/clock.h"
#include "controller/executor/executor.h"
#include "controller/executor/fake_secrets.h"
#include "tests/bench/instant_workers.h"

namespace davit::bench {

// A request for app web of project shop on `host`.
v1::CreateDeploymentRequest RequestFor(const std::string& environment,
                                       const std::string& request_id, const std::string& host);

// A controller's executor over a store, with instant workers, and as many users as
// there are environments, each of whom waits for one deployment to end before asking
// for the next.
class Load {
 public:
  struct Witness {
    // Called after the executor has acknowledged a step, or answered a request.
    std::function<void(const std::string& step_id)> on_ack;
    std::function<void(const std::string& deployment_id)> on_reply;
  };

  // How many steps each deployment has.
  int steps() const { return steps_; }

  // `store` outlives it.
  Load(store::Store& store, const executor::ExecutorOptions& options, Witness witness = {});
  ~Load();

  // Has `each` deployments carried out in each of `environments`; returns how long it
  // took.
  absl::Duration Run(int environments, int each);

  // The deployment that was created last.
  std::string last_id();

 private:
  // A deployment that is under way.
  struct Flight {
    std::atomic<int> acknowledged = 0;  // steps
    absl::Notification ended;
  };

  std::shared_ptr<Flight> FlightOf(const std::string& id);
  void OnAck(const worker::v1::StepKey& key);
  // Creates a deployment; returns its id.
  std::string Create(const std::string& environment);
  // Has one deployment carried out.
  void Deploy(const std::string& environment);
  // Steps of a deployment, all of which are alike. Has one carried out to see.
  int CountSteps();

  store::Store& store_;
  const Witness witness_;
  const SystemClock clock_;
  executor::JournalHub hub_;
  InstantWorkers workers_;
  std::unique_ptr<fleet::Fleet> fleet_;
  executor::FakeSecrets secrets_;  // none is referred to
  executor::Executor executor_;
  std::atomic<int> requests_ = 0;
  std::atomic<int> steps_ = 0;  // of one deployment; 0: not known yet
  absl::Mutex mutex_;
  std::string last_id_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<Flight>> flights_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace davit::bench

#endif  // DAVIT_TESTS_BENCH_LOAD_H_
