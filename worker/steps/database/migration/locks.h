#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATION_LOCKS_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATION_LOCKS_H_

#include <string>
#include <thread>
#include <vector>

#include "common/call.h"
#include "worker/database/migration/lock_holders.h"
#include "worker/steps/database/access.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// Whose waits count.
enum class Waiting {
  kNamedOrAll,  // all where none that waits is called so: not every driver says its name
  kNamed,       // only of those that are called so
};

// Who stands in the way of the sessions called `name`. Sentences, each once.
std::vector<std::string> HolderSentences(const std::vector<database::BlockedSession>& blocked,
                                         const std::string& name,
                                         Waiting waiting = Waiting::kNamedOrAll);

// Looks, while a migration or a backup runs, who holds a lock that it waits for, tells it as
// progress, and remembers it: when the migration has given up there is nobody to see any more. In a
// thread of its own, over a session of its own; where none can be had it sees nothing.
class LockWatch {
 public:
  // Nothing is owned. `name` is the migration's sessions'.
  LockWatch(const StepDatabase* database, std::string name, StepReporter* reporter,
            Waiting waiting = Waiting::kNamedOrAll);
  ~LockWatch();
  LockWatch(const LockWatch&) = delete;
  LockWatch& operator=(const LockWatch&) = delete;

  // Ends the watch. Who was seen last, a sentence each.
  std::vector<std::string> Finish();

 private:
  void WatchUntilStopped();
  void Tell(std::vector<std::string> holders);

  const StepDatabase* const database_;
  const std::string name_;
  StepReporter* const reporter_;
  const Waiting waiting_;
  std::vector<std::string> seen_;  // of the thread until it is joined
  CancelToken stop_;
  std::thread thread_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATION_LOCKS_H_
