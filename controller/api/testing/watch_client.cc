#include "controller/api/testing/watch_client.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/rpc/grpc_status.h"
#include "controller/api/testing/test_controller.h"

namespace davit::api {

WatchClient::WatchClient(v1::DeploymentService::Stub& stub, const std::string& id, int64_t after)
    : context_(Patiently()) {
  request_.set_id(id);
  request_.set_after_sequence(after);
  stub.async()->WatchDeployment(context_.get(), &request_, this);
  StartRead(&response_);
  StartCall();
}

WatchClient::~WatchClient() {
  context_->TryCancel();
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&done_));
}

std::vector<int64_t> WatchClient::AwaitSequences(size_t count) {
  absl::MutexLock lock(&mutex_);
  const auto there = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return sequences_.size() >= count || done_;
  };
  mutex_.Await(absl::Condition(&there));  // the call has a deadline
  EXPECT_GE(sequences_.size(), count) << status_.error_message();
  return sequences_;
}

absl::Status WatchClient::AwaitEnd() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&done_));
  return FromGrpcStatus(status_);
}

std::vector<int64_t> WatchClient::sequences() {
  absl::MutexLock lock(&mutex_);
  return sequences_;
}

size_t WatchClient::largest_message() {
  absl::MutexLock lock(&mutex_);
  return largest_message_;
}

int WatchClient::messages() {
  absl::MutexLock lock(&mutex_);
  return messages_;
}

void WatchClient::OnReadDone(bool ok) {
  if (!ok) return;
  {
    absl::MutexLock lock(&mutex_);
    ++messages_;
    largest_message_ = std::max(largest_message_, response_.ByteSizeLong());
    for (const v1::Event& event : response_.events()) sequences_.push_back(event.sequence());
  }
  StartRead(&response_);
}

void WatchClient::OnDone(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  status_ = status;
  done_ = true;
}

}  // namespace davit::api
