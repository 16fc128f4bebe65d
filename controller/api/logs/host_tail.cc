#include "controller/api/logs/host_tail.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::api {
namespace {

constexpr int kEveryLine = std::numeric_limits<int32_t>::max();
// How often the records are looked at for what a follower is to follow next.
constexpr absl::Duration kLookForNext = absl::Milliseconds(500);

}  // namespace

HostTail::HostTail(const ApiContext& context, const v1::TailLogsRequest& request, std::string host,
                   LogMixer& mixer)
    : context_(context), request_(request), host_(std::move(host)), mixer_(mixer) {}

absl::Status HostTail::Run(LogPlace place, worker::v1::TailLogsRequest ask) {
  while (true) {
    const absl::Status status = Tail(ask);
    if (!status.ok() || !request_.follow() || mixer_.stop().cancelled()) return status;
    TellOfEnd();
    absl::StatusOr<worker::v1::TailLogsRequest> next = AwaitNext(place);
    if (!next.ok()) return next.status();
    ask = *std::move(next);
  }
}

absl::Status HostTail::Tail(const worker::v1::TailLogsRequest& ask) {
  const auto worker = context_.fleet.Find(host_);
  if (!worker.ok()) return worker.status();
  return (*worker)->TailLogs(ask, Call{.cancel = &mixer_.stop()},
                             [&](const worker::v1::TailLogsResponse& message) {
                               told_ = false;
                               return mixer_.Put(host_, message.stream(), message.data());
                             });
}

// Once, however often one that is stopped is asked.
void HostTail::TellOfEnd() {
  if (std::exchange(told_, true)) return;
  mixer_.Put(host_, v1::LOG_STREAM_UNSPECIFIED,
             absl::StrCat("the container of ", request_.app(), " on host ", host_,
                          " has ended; waiting for the next one\n"));
}

// What a deployment tries out under the name has other secrets than those that would be
// masked: it is followed when it is live, from its beginning. Where the old one is back,
// what it says from now on.
absl::StatusOr<worker::v1::TailLogsRequest> HostTail::AwaitNext(LogPlace& place) {
  while (!mixer_.stop().WaitFor(kLookForNext)) {
    absl::StatusOr<LogPlace> now = ReadLogPlace(context_, request_);
    if (!now.ok()) return now.status();
    if (now->changing) continue;
    if (std::find(now->hosts.begin(), now->hosts.end(), host_) == now->hosts.end()) {
      return FailureStatus(v1::CONTAINER_GONE,
                           absl::StrCat(request_.app(), " is on host ", host_, " no more"));
    }
    const bool is_new = now->release != place.release;
    place = *std::move(now);
    return LogsAskedOf(context_, request_, place, is_new ? kEveryLine : 0);
  }
  return absl::CancelledError("nobody follows any more");
}

}  // namespace davit::api
