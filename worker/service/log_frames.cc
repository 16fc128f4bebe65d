#include "worker/service/log_frames.h"

#include <utility>

namespace davit::service {

LogFrames::LogFrames(Send send) : send_(std::move(send)), thread_([this] { SendTheWaiting(); }) {}

LogFrames::~LogFrames() {
  over_.Cancel();
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  thread_.join();
}

bool LogFrames::Fits(v1::LogStream stream, size_t bytes) const {
  return frame_.data().empty() ||
         (frame_.stream() == stream && frame_.data().size() + bytes <= kFrameBytes);
}

bool LogFrames::SendFrame() {
  if (open_ && !frame_.data().empty()) open_ = send_(frame_);
  ++sent_;
  frame_.mutable_data()->clear();
  return open_;
}

bool LogFrames::Put(v1::LogStream stream, absl::string_view line) {
  absl::MutexLock lock(&mutex_);
  if (!Fits(stream, line.size() + 1)) SendFrame();
  std::string& data = *frame_.mutable_data();
  if (data.empty()) frame_.set_stream(stream);
  data.append(line.data(), line.size());
  data.push_back('\n');
  return open_;
}

bool LogFrames::Finish() {
  absl::MutexLock lock(&mutex_);
  return SendFrame();
}

bool LogFrames::ThreadHasWork() const { return ending_ || !frame_.data().empty(); }

void LogFrames::SendTheWaiting() {
  while (true) {
    uint64_t waiting;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &LogFrames::ThreadHasWork));
      waiting = sent_;
    }
    if (over_.WaitFor(kPatience)) return;
    absl::MutexLock lock(&mutex_);
    // Where a frame was filled meanwhile, the one that is there now is younger.
    if (sent_ == waiting) SendFrame();
  }
}

}  // namespace davit::service
