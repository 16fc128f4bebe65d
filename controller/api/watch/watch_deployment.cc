#include "controller/api/watch/watch_deployment.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/rpc/grpc_status.h"

namespace davit::api {
namespace {

constexpr int kMostEvents = 256;             // of one message
constexpr int kFewestEvents = 8;             // of one read, however large they are
constexpr size_t kLargestMessage = 1 << 20;  // but one event always fits

absl::Status CheckRequest(const v1::WatchDeploymentRequest& request) {
  if (request.id().empty()) return FailureStatus(v1::SPEC_INVALID, "id must be given");
  if (request.after_sequence() < 0) {
    return FailureStatus(v1::SPEC_INVALID, "after_sequence must not be negative");
  }
  return absl::OkStatus();
}

bool EndsJournal(const v1::Event& event) {
  return event.has_deployment() && core::IsTerminal(event.deployment().state());
}

// Cuts `events` to what fits into one message. False when nothing had to go.
bool CutToFit(std::vector<v1::Event>& events) {
  size_t bytes = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    bytes += events[i].ByteSizeLong();
    if (i > 0 && bytes > kLargestMessage) {
      events.resize(i);
      return true;
    }
  }
  return false;
}

}  // namespace

Watch* Watch::Start(const ApiContext& context, WatchReader& reader,
                    const v1::WatchDeploymentRequest& request) {
  const std::shared_ptr<Watch> watch(new Watch(context, reader, request));
  watch->self_ = watch;
  reader.WatchBegins();
  if (const absl::Status check = CheckRequest(request); !check.ok()) {
    watch->End(check);
    return watch.get();
  }
  // The subscription ends in OnDone, before the watch does.
  watch->subscription_ = context.hub.Subscribe(
      request.id(), [raw = watch.get()](int64_t /*last_sequence*/) { raw->Wake(); });
  watch->EnqueueRead();
  return watch.get();
}

Watch::Watch(const ApiContext& context, WatchReader& reader,
             const v1::WatchDeploymentRequest& request)
    : context_(context),
      reader_(reader),
      deployment_id_(request.id()),
      sent_sequence_(request.after_sequence()),
      limit_(kMostEvents) {}

void Watch::Wake() {
  {
    absl::MutexLock lock(&mutex_);
    woken_ = true;
    if (phase_ != Phase::kResting) return;
    phase_ = Phase::kReading;
  }
  EnqueueRead();
}

void Watch::EnqueueRead() {
  reader_.Do([self = shared_from_this()] { self->Read(); });
}

void Watch::Read() {
  {
    absl::MutexLock lock(&mutex_);
    if (phase_ == Phase::kFinished) return;
    woken_ = false;
  }
  absl::StatusOr<Page> page = ReadPage();
  if (!page.ok()) return End(page.status());
  if (!page->events.empty()) return Send(*std::move(page));
  page->ended ? End(absl::OkStatus()) : Rest();
}

absl::StatusOr<Watch::Page> Watch::ReadPage() {
  Page page;
  const absl::Status status = context_.store.View([&](store::ReadTxn& txn) {
    auto events = txn.ReadEvents(deployment_id_, sent_sequence_, limit_);
    if (!events.ok()) return events.status();
    page.events = *std::move(events);
    if (!page.events.empty()) return absl::OkStatus();
    const auto state = txn.GetDeployment(deployment_id_);
    if (absl::IsNotFound(state.status())) {
      return FailureStatus(v1::NOT_FOUND, absl::StrCat("there is no deployment ", deployment_id_));
    }
    if (!state.ok()) return state.status();
    page.ended = core::IsTerminal(state->record.view().state());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  // Reading what is then cut off again would make a flood of logs slow.
  const bool cut = CutToFit(page.events);
  limit_ = cut ? std::max(static_cast<int>(page.events.size()), kFewestEvents)
               : std::min(limit_ * 2, kMostEvents);
  if (!page.events.empty()) page.ended = EndsJournal(page.events.back());
  return page;
}

void Watch::Send(Page page) {
  response_.Clear();
  for (v1::Event& event : page.events) *response_.add_events() = std::move(event);
  sent_sequence_ = response_.events().rbegin()->sequence();
  last_ = page.ended;
  {
    absl::MutexLock lock(&mutex_);
    if (phase_ == Phase::kFinished) return;
    phase_ = Phase::kWriting;
  }
  StartWrite(&response_);
}

void Watch::Rest() {
  {
    absl::MutexLock lock(&mutex_);
    if (phase_ == Phase::kFinished) return;
    if (!woken_) {
      phase_ = Phase::kResting;
      return;
    }
  }
  EnqueueRead();
}

void Watch::OnWriteDone(bool ok) {
  bool cancelled = !ok;
  {
    absl::MutexLock lock(&mutex_);
    cancelled = cancelled || cancelled_;
    phase_ = Phase::kReading;
  }
  if (cancelled) return End(absl::CancelledError("the client has gone"));
  last_ ? End(absl::OkStatus()) : EnqueueRead();
}

void Watch::OnCancel() {
  {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    // While it writes, OnWriteDone comes and ends it.
    if (phase_ == Phase::kWriting || phase_ == Phase::kFinished) return;
    phase_ = Phase::kFinished;  // under the same lock: no write may begin in between
  }
  Finish(ToGrpcStatus(absl::CancelledError("the client has gone")));
}

void Watch::End(const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    if (phase_ == Phase::kFinished) return;
    phase_ = Phase::kFinished;
  }
  Finish(ToGrpcStatus(status));
}

void Watch::OnDone() {
  subscription_.reset();
  reader_.WatchEnded();
  self_.reset();
}

}  // namespace davit::api
