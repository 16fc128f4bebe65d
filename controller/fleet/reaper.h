#ifndef DAVIT_CONTROLLER_FLEET_REAPER_H_
#define DAVIT_CONTROLLER_FLEET_REAPER_H_

#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "controller/fleet/worker_client.h"

namespace davit::fleet {

// Ends clients on a thread of its own. The end of a client waits for its
// observers, and the last one who holds it may be the very thread that the
// observers wait for. Thread-safe.
class Reaper {
 public:
  Reaper();
  // Ends what was given back; what is given back later ends at once where it is.
  ~Reaper();

  // The same client, ended here after the last copy is gone.
  std::shared_ptr<WorkerClient> Share(std::unique_ptr<WorkerClient> client);

 private:
  struct Yard {
    absl::Mutex mutex;
    bool closed ABSL_GUARDED_BY(mutex) = false;
    std::vector<std::unique_ptr<WorkerClient>> clients ABSL_GUARDED_BY(mutex);
  };

  static void Run(Yard& yard);

  const std::shared_ptr<Yard> yard_ = std::make_shared<Yard>();
  std::thread thread_;
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_REAPER_H_
