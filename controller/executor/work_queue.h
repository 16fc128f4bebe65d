#ifndef DAVIT_CONTROLLER_EXECUTOR_WORK_QUEUE_H_
#define DAVIT_CONTROLLER_EXECUTOR_WORK_QUEUE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/executor/work.h"

namespace davit::executor {

// Work that waits for its commit. What matters comes first:
//   1. control: requests, timers, restarts, in order of arrival;
//   2. steps whose next input is a state (started, finished, lost);
//   3. steps whose next input is bulk (log, progress), one input each in turn.
// Each step has a lane, which keeps its inputs in order: its end comes after its
// own logs, but waits for nobody else's. Only bulk is bounded, and only a push of
// bulk waits: there are few of the others. Of progress only the newest waits.
// Thread-safe.
class WorkQueue {
 public:
  class Lane;

  // `capacity`: inputs of bulk that wait at most.
  explicit WorkQueue(int capacity) : capacity_(capacity) {}

  // Takes work from now on. It begins closed.
  void Open();
  // Ends all waiting. Drops what the lanes hold, returns the control work.
  std::vector<Work> Close();

  // False, and nothing is done, when it is closed. Never waits.
  bool Push(Work work);

  // A lane for the inputs of a step. One that the step had before is closed:
  // what is pushed there is dropped.
  std::shared_ptr<Lane> OpenLane(absl::string_view deployment_id, absl::string_view step_id);
  // Closes the lanes of a deployment.
  void CloseLanes(absl::string_view deployment_id);
  // Takes no more bulk from a deployment: it has ended, and nobody wants to know.
  void EndBulk(absl::string_view deployment_id);
  // Waits while bulk has no room. Dropped when the lane or the queue is closed.
  void PushStep(Lane& lane, core::Input input);

  // The next `limit` pieces at most, at least one; waits for it. None: closed.
  std::vector<Work> Pop(int limit);
  // Waits until it is closed, `timeout` at most. Whether it is closed.
  bool AwaitClosed(absl::Duration timeout);

 private:
  using LanePtr = std::shared_ptr<Lane>;

  bool HasRoom() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Puts a lane that holds something where its next input belongs.
  void Enqueue(LanePtr lane) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes the next input of the first lane of `ready`.
  Work TakeFrom(std::deque<LanePtr>& ready) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Ends a lane that is in no list of ready ones, or about to leave it.
  void Drain(Lane& lane) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CloseLane(Lane& lane) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(const Lane& lane) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int capacity_;
  absl::Mutex mutex_;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Work> control_ ABSL_GUARDED_BY(mutex_);
  // Each lane that holds inputs is in exactly one of these.
  std::deque<LanePtr> state_ready_ ABSL_GUARDED_BY(mutex_);
  std::deque<LanePtr> bulk_ready_ ABSL_GUARDED_BY(mutex_);
  // By deployment and step.
  std::map<std::pair<std::string, std::string>, LanePtr> lanes_ ABSL_GUARDED_BY(mutex_);
  int bulk_count_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t bulk_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

// The inputs of one step that wait. Touched by its queue alone, under its lock.
class WorkQueue::Lane {
 public:
  Lane(std::string deployment_id, std::string step_id)
      : deployment_id_(std::move(deployment_id)), step_id_(std::move(step_id)) {}

 private:
  friend class WorkQueue;

  const std::string deployment_id_;
  const std::string step_id_;
  bool open_ = true;
  bool takes_bulk_ = true;
  std::deque<core::Input> inputs_;
};

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_WORK_QUEUE_H_
