#include "controller/executor/work_queue.h"

#include <algorithm>
#include <iterator>

namespace davit::executor {
namespace {

// Bytes of logs that wait at most, whatever their number.
constexpr int64_t kMaxBulkBytes = 32 << 20;
// Bytes of logs in one commit, so that a request behind it waits for
// milliseconds only.
constexpr int64_t kMaxBatchBytes = 1 << 20;

bool IsBulk(const core::Input& input) {
  return std::holds_alternative<core::StepLogged>(input) ||
         std::holds_alternative<core::StepProgressed>(input);
}

bool EndsStep(const core::Input& input) {
  return std::holds_alternative<core::StepFinished>(input) ||
         std::holds_alternative<core::WorkerLost>(input);
}

int64_t BytesOf(const core::Input& input) {
  const auto* logged = std::get_if<core::StepLogged>(&input);
  return logged == nullptr ? 0 : static_cast<int64_t>(logged->log.data().size());
}

// Whether `input` makes the one that waits before it worthless.
bool Replaces(const core::Input& input, const std::deque<core::Input>& waiting) {
  return !waiting.empty() && std::holds_alternative<core::StepProgressed>(input) &&
         std::holds_alternative<core::StepProgressed>(waiting.back());
}

}  // namespace

void WorkQueue::Open() {
  absl::MutexLock lock(&mutex_);
  open_ = true;
}

std::vector<Work> WorkQueue::Close() {
  absl::MutexLock lock(&mutex_);
  open_ = false;
  for (auto& [key, lane] : lanes_) Drain(*lane);
  lanes_.clear();
  state_ready_.clear();
  bulk_ready_.clear();
  std::vector<Work> left(std::make_move_iterator(control_.begin()),
                         std::make_move_iterator(control_.end()));
  control_.clear();
  return left;
}

bool WorkQueue::Push(Work work) {
  absl::MutexLock lock(&mutex_);
  if (open_) control_.push_back(std::move(work));
  return open_;
}

std::shared_ptr<WorkQueue::Lane> WorkQueue::OpenLane(absl::string_view deployment_id,
                                                     absl::string_view step_id) {
  auto lane = std::make_shared<Lane>(std::string(deployment_id), std::string(step_id));
  absl::MutexLock lock(&mutex_);
  LanePtr& current = lanes_[{lane->deployment_id_, lane->step_id_}];
  if (current != nullptr) CloseLane(*current);
  current = lane;
  return lane;
}

void WorkQueue::CloseLanes(absl::string_view deployment_id) {
  absl::MutexLock lock(&mutex_);
  auto it = lanes_.lower_bound({std::string(deployment_id), ""});
  while (it != lanes_.end() && it->first.first == deployment_id) {
    CloseLane(*it->second);
    it = lanes_.erase(it);
  }
}

void WorkQueue::EndBulk(absl::string_view deployment_id) {
  absl::MutexLock lock(&mutex_);
  for (auto it = lanes_.lower_bound({std::string(deployment_id), ""});
       it != lanes_.end() && it->first.first == deployment_id; ++it) {
    it->second->takes_bulk_ = false;
  }
}

void WorkQueue::PushStep(Lane& lane, core::Input input) {
  absl::MutexLock lock(&mutex_);
  if (IsBulk(input)) {
    const auto may_go_on = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return !open_ || !lane.open_ || !lane.takes_bulk_ || HasRoom() ||
             Replaces(input, lane.inputs_);
    };
    // No deadline: it ends with the next commit, or when the lane is closed.
    mutex_.Await(absl::Condition(&may_go_on));
  }
  if (!open_ || !lane.open_ || (IsBulk(input) && !lane.takes_bulk_)) return;
  if (Replaces(input, lane.inputs_)) {
    lane.inputs_.back() = std::move(input);
    return;
  }
  if (IsBulk(input)) ++bulk_count_;
  bulk_bytes_ += BytesOf(input);
  lane.inputs_.push_back(std::move(input));
  if (lane.inputs_.size() == 1) Enqueue(lanes_.at({lane.deployment_id_, lane.step_id_}));
}

std::vector<Work> WorkQueue::Pop(int limit) {
  absl::MutexLock lock(&mutex_);
  const auto may_go_on = [this]()
                             ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !open_ || HasWork(); };
  // No deadline: an idle queue has nothing to do.
  mutex_.Await(absl::Condition(&may_go_on));
  std::vector<Work> batch;
  const auto room = [&] { return static_cast<int>(batch.size()) < limit; };
  for (; room() && !control_.empty(); control_.pop_front()) {
    batch.push_back(std::move(control_.front()));
  }
  const int64_t bytes_before = bulk_bytes_;
  while (room() && HasWork() && bytes_before - bulk_bytes_ < kMaxBatchBytes) {
    batch.push_back(TakeFrom(state_ready_.empty() ? bulk_ready_ : state_ready_));
  }
  return batch;
}

bool WorkQueue::AwaitClosed(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const auto closed = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !open_; };
  return mutex_.AwaitWithTimeout(absl::Condition(&closed), timeout);
}

bool WorkQueue::HasRoom() const { return bulk_count_ < capacity_ && bulk_bytes_ < kMaxBulkBytes; }

bool WorkQueue::HasWork() const {
  return !control_.empty() || !state_ready_.empty() || !bulk_ready_.empty();
}

void WorkQueue::Enqueue(LanePtr lane) {
  (IsBulk(lane->inputs_.front()) ? bulk_ready_ : state_ready_).push_back(std::move(lane));
}

Work WorkQueue::TakeFrom(std::deque<LanePtr>& ready) {
  const LanePtr lane = std::move(ready.front());
  ready.pop_front();
  InputWork work{lane->deployment_id_, std::move(lane->inputs_.front())};
  lane->inputs_.pop_front();
  if (IsBulk(work.input)) --bulk_count_;
  bulk_bytes_ -= BytesOf(work.input);
  if (EndsStep(work.input)) {
    Drain(*lane);
    Forget(*lane);
  } else if (!lane->inputs_.empty()) {
    Enqueue(lane);
  }
  return work;
}

void WorkQueue::Drain(Lane& lane) {
  lane.open_ = false;
  for (const core::Input& input : lane.inputs_) {
    if (IsBulk(input)) --bulk_count_;
    bulk_bytes_ -= BytesOf(input);
  }
  lane.inputs_.clear();
}

void WorkQueue::CloseLane(Lane& lane) {
  Drain(lane);
  const auto remove = [&](std::deque<LanePtr>& ready) {
    ready.erase(std::remove_if(ready.begin(), ready.end(),
                               [&](const LanePtr& other) { return other.get() == &lane; }),
                ready.end());
  };
  remove(state_ready_);
  remove(bulk_ready_);
}

void WorkQueue::Forget(const Lane& lane) {
  const auto it = lanes_.find({lane.deployment_id_, lane.step_id_});
  if (it != lanes_.end() && it->second.get() == &lane) lanes_.erase(it);
}

}  // namespace davit::executor
