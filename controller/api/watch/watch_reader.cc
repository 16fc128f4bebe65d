#include "controller/api/watch/watch_reader.h"

#include <utility>

namespace davit::api {

WatchReader::WatchReader() : thread_([this] { Run(); }) {}

WatchReader::~WatchReader() {
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &WatchReader::NoWatch));
    stopping_ = true;
  }
  thread_.join();
}

void WatchReader::Do(std::function<void()> read) {
  absl::MutexLock lock(&mutex_);
  reads_.push_back(std::move(read));
}

void WatchReader::WatchBegins() {
  absl::MutexLock lock(&mutex_);
  ++watches_;
}

void WatchReader::WatchEnded() {
  absl::MutexLock lock(&mutex_);
  --watches_;
}

void WatchReader::Run() {
  while (true) {
    std::function<void()> read;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &WatchReader::Ready));
      if (stopping_) return;
      read = std::move(reads_.front());
      reads_.pop_front();
    }
    read();
  }
}

}  // namespace davit::api
