#include "client/commands/deployments/event_stream.h"

#include <utility>

namespace davit::commands {

EventStream::EventStream(v1::DeploymentService::Stub& stub, const std::string& id,
                         int64_t after_sequence) {
  v1::WatchDeploymentRequest request;
  request.set_id(id);
  request.set_after_sequence(after_sequence);
  reader_ = stub.WatchDeployment(&context_, request);
  thread_ = std::thread([this] { Read(); });
}

EventStream::~EventStream() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
  }
  context_.TryCancel();
  thread_.join();
}

void EventStream::Read() {
  v1::WatchDeploymentResponse response;
  const auto has_room = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return closing_ || events_.size() < kCapacity;
  };
  while (reader_->Read(&response)) {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&has_room));
    for (v1::Event& event : *response.mutable_events()) events_.push_back(std::move(event));
  }
  const grpc::Status status = reader_->Finish();
  absl::MutexLock lock(&mutex_);
  end_ = status;
}

bool EventStream::Ready() const { return !events_.empty() || end_.has_value(); }

std::optional<v1::Event> EventStream::Next(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(this, &EventStream::Ready), timeout);
  if (events_.empty()) return std::nullopt;
  v1::Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::optional<grpc::Status> EventStream::End() {
  absl::MutexLock lock(&mutex_);
  return events_.empty() ? end_ : std::nullopt;
}

}  // namespace davit::commands
