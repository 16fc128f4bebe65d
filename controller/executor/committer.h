#ifndef DAVIT_CONTROLLER_EXECUTOR_COMMITTER_H_
#define DAVIT_CONTROLLER_EXECUTOR_COMMITTER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/clock.h"
#include "controller/core/deployment_state.h"
#include "controller/executor/commands.h"
#include "controller/executor/work.h"
#include "controller/fleet/fleet.h"
#include "controller/store/store.h"

namespace davit::executor {

// What became of one piece of work.
struct Outcome {
  // OK: it is on disk. A refusal (see refusal.h): it changed nothing and never
  // will. Any other error: the store failed, the same again may succeed.
  absl::Status status;
  std::string deployment_id;
  // Without steps, as it is after the work. Only where it was created, asked for, or is in
  // another state than before: with a thousand hosts a copy is no small thing.
  std::optional<v1::Deployment> deployment;
  bool state_changed = false;
  int64_t last_sequence = 0;
  bool has_events = false;
  bool ended = false;             // it has reached its last state
  std::vector<Command> commands;  // to be carried out now
};

// Asks core what work leads to and commits it. Keeps the states of the
// deployments that it works on. For one thread.
class Committer {
 public:
  // All arguments outlive it.
  Committer(store::Store& store, const fleet::Fleet& fleet, const Clock& clock)
      : store_(store), fleet_(fleet), clock_(clock) {}

  enum class Writing {
    kTogether,  // what a deployment's inputs lead to is written once; all fail together
    kOneByOne,  // one that cannot be written leaves those before it as they are
  };
  // Commits `work` in one durable transaction; outcome i is that of work[i].
  // Work on one deployment is done in order: after one that failed, the rest of
  // that deployment fails too.
  std::vector<Outcome> Commit(absl::Span<const Work> work, Writing writing = Writing::kTogether);

  // Forgets all states; they are read again when they are needed.
  void Clear() { states_.clear(); }

 private:
  struct Batch;
  // What is written in one savepoint: indices of inputs of one deployment, or of one
  // piece of other work.
  using Group = std::vector<size_t>;

  static std::vector<Group> Groups(absl::Span<const Work> work, Writing writing);
  absl::Status Do(store::Txn& txn, absl::Span<const Work> work, const Group& group, Batch& batch,
                  std::vector<Outcome>& outcomes);
  absl::Status FeedAll(store::Txn& txn, absl::Span<const Work> work, const Group& group,
                       Batch& batch, std::vector<Outcome>& outcomes);
  absl::Status Create(store::Txn& txn, const CreateWork& work, Batch& batch, Outcome& outcome);
  absl::Status Cancel(store::Txn& txn, const CancelWork& work, Batch& batch, Outcome& outcome);
  // Feeds one input and writes what it leads to.
  absl::Status Feed(store::Txn& txn, core::DeploymentState state, const core::Input& input,
                    Batch& batch, Outcome& outcome);
  // The input's transition; `outcome` says what became of it once that is written.
  core::Transition Advance(core::DeploymentState state, const core::Input& input,
                           Outcome& outcome) const;
  absl::Status Write(store::Txn& txn, core::Transition transition, Batch& batch);
  // The state, moved out of the cache or read.
  absl::StatusOr<core::DeploymentState> Take(store::Txn& txn, const std::string& id,
                                             const Batch& batch);

  store::Store& store_;
  const fleet::Fleet& fleet_;
  const Clock& clock_;
  std::unordered_map<std::string, core::DeploymentState> states_;
};

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_COMMITTER_H_
