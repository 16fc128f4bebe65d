#include "controller/executor/timers.h"

#include <algorithm>

namespace davit::executor {
namespace {

constexpr absl::Duration kLongestPause = absl::Seconds(1);

}  // namespace

Timers::Timers(const Clock& clock, Fire fire) : clock_(clock), fire_(std::move(fire)) {}

Timers::~Timers() { Stop(); }

void Timers::Start() {
  absl::MutexLock lock(&mutex_);
  running_ = true;
  thread_ = std::thread([this] { Run(); });
}

void Timers::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    running_ = false;
    wake_ = true;
    timers_.clear();
    order_.clear();
  }
  if (thread_.joinable()) thread_.join();
}

void Timers::Arm(absl::Time when, absl::string_view step_id, InputWork work) {
  absl::MutexLock lock(&mutex_);
  const Key key(work.deployment_id, step_id);
  if (const auto it = timers_.find(key); it != timers_.end()) Erase(it);
  timers_.emplace(key, Timer{when, std::move(work)});
  order_.emplace(when, key);
  wake_ = true;
}

void Timers::Disarm(absl::string_view deployment_id, absl::string_view step_id) {
  absl::MutexLock lock(&mutex_);
  const auto it = timers_.find(Key(deployment_id, step_id));
  if (it != timers_.end()) Erase(it);
}

void Timers::DisarmAll(absl::string_view deployment_id) {
  absl::MutexLock lock(&mutex_);
  auto it = timers_.lower_bound(Key(deployment_id, ""));
  while (it != timers_.end() && it->first.first == deployment_id) Erase(it++);
}

void Timers::Check() {
  absl::MutexLock lock(&mutex_);
  wake_ = true;
}

void Timers::Run() {
  absl::Duration pause;
  while (true) {
    std::vector<InputWork> due;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&wake_), pause);
      wake_ = false;
      if (!running_) return;
      due = TakeDue(pause);
    }
    for (InputWork& work : due) fire_(std::move(work));
  }
}

std::vector<InputWork> Timers::TakeDue(absl::Duration& pause) {
  std::vector<InputWork> due;
  const absl::Time now = clock_.Now();
  while (!order_.empty() && order_.begin()->first <= now) {
    const auto it = timers_.find(order_.begin()->second);
    due.push_back(std::move(it->second.work));
    Erase(it);
  }
  pause = order_.empty() ? absl::InfiniteDuration()
                         : std::min(order_.begin()->first - now, kLongestPause);
  return due;
}

void Timers::Erase(std::map<Key, Timer>::iterator it) {
  order_.erase({it->second.when, it->first});
  timers_.erase(it);
}

}  // namespace davit::executor
