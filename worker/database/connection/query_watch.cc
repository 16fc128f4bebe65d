#include "worker/database/connection/query_watch.h"

#include <algorithm>
#include <utility>

namespace davit::database {
namespace {

constexpr absl::Duration kLookAtQueryCall = absl::Milliseconds(50);
// A server that is there ends a cancelled query at once.
constexpr absl::Duration kUntilHangUp = absl::Seconds(2);

}  // namespace

QueryWatch::QueryWatch(const Call& call, std::function<void()> cancel,
                       std::function<void()> hang_up)
    : call_(call), cancel_(std::move(cancel)), hang_up_(std::move(hang_up)) {
  thread_ = std::thread([this] { Watch(); });
}

QueryWatch::~QueryWatch() {
  Finish().IgnoreError();  // who wants to know has asked
}

absl::Status QueryWatch::Finish() {
  if (thread_.joinable()) {
    over_.Notify();
    thread_.join();
  }
  return end_;
}

void QueryWatch::Watch() {
  while (end_.ok()) {
    const absl::Duration left = std::max(call_.Remaining(), absl::ZeroDuration());
    if (over_.WaitForNotificationWithTimeout(std::min(left, kLookAtQueryCall))) return;
    end_ = call_.Check();
  }
  cancel_();
  if (!over_.WaitForNotificationWithTimeout(kUntilHangUp)) hang_up_();
}

}  // namespace davit::database
