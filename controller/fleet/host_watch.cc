#include "controller/fleet/host_watch.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/rpc/transport_error.h"
#include "controller/fleet/host_status.h"

namespace davit::fleet {
namespace {

using worker::v1::WatchHostRequest;
using worker::v1::WatchHostResponse;

// Some three seconds of tries: a worker that is started again is not away for long.
constexpr int kTriesUntilSettled = 5;
constexpr absl::Duration kFindingOut = absl::Seconds(2);  // why a host is away
// The first one may still get the error that the channel had before.
constexpr int kHurriedTries = 3;
constexpr absl::Duration kHurriedPause = absl::Milliseconds(150);

bool IsRefusalCode(v1::FailureCode code) {
  return code == v1::VERSION_SKEW || code == v1::NOT_AUTHORISED || code == v1::HOST_NOT_ADOPTED;
}

v1::Failure FollowsAnother(const std::string& host, absl::Time restored) {
  const bool known = restored != absl::InfinitePast();
  v1::Failure failure = MakeFailure(
      v1::HOST_NOT_ADOPTED,
      absl::StrCat(
          "the worker of host ", host, " follows another controller of this cluster: ",
          known ? absl::StrCat("this controller's records were restored from a backup on ",
                               absl::FormatTime(absl::RFC3339_sec, restored, absl::UTCTimeZone()))
                : "another one with the same records has adopted it"),
      {"the records may be older than what runs on the host: a deployment made from them could "
       "take newer containers away"});
  failure.set_next_command(absl::StrCat("look at it with `davit hosts show ", host,
                                        "`, then run `davit hosts adopt ", host, "`"));
  return failure;
}

std::string InOneLine(const v1::Failure& failure) {
  if (failure.evidence().empty()) return failure.message();
  return absl::StrCat(failure.message(), ": ", absl::StrJoin(failure.evidence(), "; "));
}

v1::Failure Silent(const std::string& host, absl::Duration silence) {
  return FailureOf(HostUnreachable(
      host, absl::StrCat("no report for ",
                         absl::FormatDuration(absl::Trunc(silence, absl::Milliseconds(100))))));
}

v1::Failure WhyEnded(const std::string& host, const grpc::Status& status) {
  if (status.ok()) return FailureOf(HostUnreachable(host, "the worker ended its reports"));
  v1::Failure failure = FailureOf(HostStatus(host, status));
  if (IsRefusalCode(failure.code()) || failure.code() == v1::HOST_UNREACHABLE) return failure;
  return FailureOf(HostUnreachable(host, TransportErrorInWords(status.error_message())));
}

}  // namespace

// One WatchHost stream. Deletes itself when it has ended.
class HostMonitor::Stream final : public grpc::ClientReadReactor<WatchHostResponse> {
 public:
  Stream(std::shared_ptr<Watch> watch, std::shared_ptr<grpc::ClientContext> context)
      : watch_(std::move(watch)), context_(std::move(context)) {
    request_.set_cluster_id(watch_->options_.cluster_id);
    request_.set_controller_id(watch_->options_.controller_id);
  }

  void Start() {
    watch_->stub_->async()->WatchHost(context_.get(), &request_, this);
    StartRead(&response_);
    StartCall();
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return;
    watch_->Heard(response_);
    StartRead(&response_);
  }

  void OnDone(const grpc::Status& status) override {
    watch_->Ended(status);
    watch_->calls_.Remove(context_.get());
    delete this;
  }

  const std::shared_ptr<Watch> watch_;
  const std::shared_ptr<grpc::ClientContext> context_;
  WatchHostRequest request_;
  WatchHostResponse response_;
};

HostMonitor::Watch::Watch(HostMonitorOptions options, const std::shared_ptr<grpc::Channel>& channel,
                          Timer& timer, const Clock& clock)
    : options_(std::move(options)),
      channel_(channel),
      stub_(worker::v1::WorkerService::NewStub(channel)),
      timer_(timer),
      clock_(clock) {
  condition_.since = clock.Now();
}

void HostMonitor::Watch::Close() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  calls_.CancelAllAndWait();
}

void HostMonitor::Watch::Connect(int64_t wait) {
  int64_t number = 0;
  Stream* stream = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    if (closed_ || wait != wait_ || context_ != nullptr) return;
    context_ = std::make_shared<grpc::ClientContext>();
    calls_.Add(context_);
    number = ++stream_;
    heard_ = false;
    last_heard_ = timer_.Uptime();
    stream = new Stream(shared_from_this(), context_);
    ArmLook(number, Limit());
  }
  stream->Start();
}

void HostMonitor::Watch::Heard(const WatchHostResponse& report) {
  absl::MutexLock lock(&mutex_);
  if (renewing_) return;  // of before
  heard_ = true;
  last_heard_ = timer_.Uptime();
  failed_tries_ = 0;
  silent_ = false;
  hurried_tries_ = 0;
  condition_.report = report;
  if (report.follows_another()) {
    return Set(v1::Host::REFUSED, FollowsAnother(options_.host, options_.restored));
  }
  std::optional<v1::Failure> problem;
  if (report.has_docker_failure()) problem = report.docker_failure();
  Set(v1::Host::ONLINE, std::move(problem));
}

void HostMonitor::Watch::Ended(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  context_.reset();
  const std::optional<v1::Failure> cut = std::exchange(cut_, std::nullopt);
  if (closed_) return;
  const int64_t wait = ++wait_;
  if (std::exchange(renewing_, false)) return ArmConnect(wait, absl::ZeroDuration());
  v1::Failure failure = cut ? *cut : WhyEnded(options_.host, status);
  const auto state = IsRefusalCode(failure.code()) ? v1::Host::REFUSED : v1::Host::AWAY;
  Set(state, std::move(failure));
  // After the first time: the worker may just have been starting again.
  if (state == v1::Host::AWAY && failed_tries_ % kTriesUntilSettled == 0) ArmFindOut();
  const absl::Duration pause = options_.backoff.Pause(failed_tries_++);
  if (hurried_tries_ > 0) --hurried_tries_;
  ArmConnect(wait, hurried_tries_ > 0 ? std::min(pause, kHurriedPause) : pause);
}

void HostMonitor::Watch::LookForSilence(int64_t stream) {
  absl::MutexLock lock(&mutex_);
  if (closed_ || stream != stream_ || context_ == nullptr) return;
  const absl::Duration silence = timer_.Uptime() - last_heard_;
  if (silence < Limit()) return ArmLook(stream, Limit() - silence);
  silent_ = true;
  cut_ = Silent(options_.host, silence);
  Set(v1::Host::AWAY, cut_);
  context_->TryCancel();
}

void HostMonitor::Watch::ArmLook(int64_t stream, absl::Duration pause) {
  timer_.After(pause, [self = shared_from_this(), stream] { self->LookForSilence(stream); });
}

void HostMonitor::Watch::ArmFindOut() {
  if (options_.explainer == nullptr || !options_.explain || finding_out_) return;
  finding_out_ = true;
  options_.explainer->After(absl::ZeroDuration(), [self = shared_from_this()] { self->FindOut(); });
}

void HostMonitor::Watch::FindOut() {
  {
    absl::MutexLock lock(&mutex_);
    finding_out_ = false;
    if (closed_ || condition_.state != v1::Host::AWAY) return;
  }
  Explain(options_.explain(absl::Now() + kFindingOut));
}

void HostMonitor::Watch::ArmConnect(int64_t wait, absl::Duration pause) {
  timer_.After(pause, [self = shared_from_this(), wait] { self->Connect(wait); });
}

void HostMonitor::Watch::Renew() {
  absl::MutexLock lock(&mutex_);
  if (closed_) return;
  failed_tries_ = 0;
  silent_ = false;
  Set(v1::Host::CONNECTING, std::nullopt);
  if (context_ == nullptr) return ArmConnect(++wait_, absl::ZeroDuration());
  renewing_ = true;
  context_->TryCancel();
}

void HostMonitor::Watch::Hurry() {
  absl::MutexLock lock(&mutex_);
  if (closed_ || condition_.state != v1::Host::AWAY) return;
  hurried_tries_ = kHurriedTries;
  if (context_ != nullptr) return;  // a try goes on
  grpc::experimental::ChannelResetConnectionBackoff(channel_.get());
  ArmConnect(++wait_, absl::ZeroDuration());
}

void HostMonitor::Watch::Set(v1::Host::State state, std::optional<v1::Failure> problem) {
  if (state != condition_.state) {
    condition_.since = clock_.Now();
    explanation_.clear();
    const bool bad = state == v1::Host::AWAY || state == v1::Host::REFUSED;
    const auto level = bad ? spdlog::level::warn : spdlog::level::info;
    spdlog::log(level, "host {} at {}: {}{}", options_.host, options_.address,
                v1::Host::State_Name(state),
                problem ? absl::StrCat(": ", InOneLine(*problem)) : "");
  }
  condition_.state = state;
  condition_.problem = std::move(problem);
}

HostCondition HostMonitor::Watch::Now() const {
  HostCondition condition = condition_;
  if (condition.problem) AddFacts(options_.host, explanation_, *condition.problem);
  return condition;
}

HostCondition HostMonitor::Watch::Condition() const {
  absl::MutexLock lock(&mutex_);
  return Now();
}

bool HostMonitor::Watch::Settled() const {
  if (condition_.state == v1::Host::CONNECTING || hurried_tries_ > 0) return false;
  return condition_.state != v1::Host::AWAY || silent_ || failed_tries_ >= kTriesUntilSettled;
}

HostCondition HostMonitor::Watch::Await(v1::Host::State state, absl::Time deadline) const {
  const auto reached = [this, state]()
                           ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return condition_.state == state; };
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithDeadline(absl::Condition(&reached), deadline);
  return Now();
}

HostCondition HostMonitor::Watch::AwaitSettled(absl::Time deadline) const {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithDeadline(absl::Condition(this, &Watch::Settled), deadline);
  return Now();
}

void HostMonitor::Watch::Explain(std::vector<std::string> facts) {
  absl::MutexLock lock(&mutex_);
  if (condition_.state != v1::Host::AWAY) return;
  if (!facts.empty() && facts != explanation_) {
    spdlog::warn("host {} at {}: {}", options_.host, options_.address, absl::StrJoin(facts, "; "));
  }
  explanation_ = std::move(facts);
}

absl::Duration HostMonitor::Watch::Limit() const {
  return heard_ ? options_.silence : options_.first_report;
}

}  // namespace davit::fleet
