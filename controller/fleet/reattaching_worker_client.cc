#include "controller/fleet/reattaching_worker_client.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/failure/failure.h"

namespace davit::fleet {
namespace {

using worker::v1::RunStepRequest;
using worker::v1::RunStepResponse;
using worker::v1::StepKey;

bool IsFinal(const absl::Status& status) {
  // The worker is there, and waiting makes no room.
  if (IsFailure(status, v1::DISK_FULL)) return true;
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return true;
    default:
      return false;
  }
}

absl::Status NoAnswer(const std::string& host, absl::Duration silence, const absl::Status& why) {
  v1::Failure failure = MakeFailure(
      v1::HOST_UNREACHABLE,
      absl::StrCat("host ", host, " gave no answer for ",
                   absl::FormatDuration(absl::Trunc(silence, absl::Milliseconds(100)))));
  const v1::Failure last = FailureOf(why);
  for (const std::string& fact : last.evidence()) {
    failure.add_evidence(absl::StrCat("last error: ", fact));
  }
  if (last.evidence().empty()) failure.add_evidence(absl::StrCat("last error: ", why.message()));
  return FailureStatus(failure);
}

using StepTry = std::pair<std::string, int>;  // step and attempt

StepTry TryOf(const StepKey& key) { return {key.step_id(), key.attempt()}; }

}  // namespace

// One step's stream over all its connections. The calls of an observer come one
// at a time, and the next connection begins when the last has heard OnDone, so
// what is not guarded is never used by two threads at once.
class ReattachingWorkerClient::Attachment final : public StepObserver,
                                                  public std::enable_shared_from_this<Attachment> {
 public:
  Attachment(RunStepRequest request, std::shared_ptr<StepObserver> observer,
             std::shared_ptr<Attachments> owner)
      : request_(std::move(request)),
        heard_(!request_.journal_id().empty()),
        observer_(std::move(observer)),
        owner_(std::move(owner)) {}

  const RunStepRequest& request() const { return request_; }
  // Whether the worker was ever heard of, by this deployment.
  bool heard() const { return heard_; }

  void OnEvent(const RunStepResponse& event) override;
  void OnDone(const absl::Status& status) override;
  void End(const absl::Status& status);

 private:
  RunStepRequest request_;
  bool heard_;
  std::shared_ptr<StepObserver> observer_;
  const std::shared_ptr<Attachments> owner_;
  int failed_tries_ = 0;
  std::optional<absl::Duration> silent_since_;
};

// The attachments of one client. Outlives it where a timer still knows of one.
class ReattachingWorkerClient::Attachments final
    : public std::enable_shared_from_this<Attachments> {
 public:
  Attachments(std::string host, WorkerClient& inner, Timer& timer, ReattachOptions options)
      : host_(std::move(host)), inner_(inner), timer_(timer), options_(std::move(options)) {}

  absl::Duration Uptime() const { return timer_.Uptime(); }
  void Start(const std::shared_ptr<Attachment>& attachment);
  // Tries again after a pause, or ends the attachment.
  void Retry(const std::shared_ptr<Attachment>& attachment, int failed_tries,
             absl::Duration silence, const absl::Status& why);
  void Forget(const Attachment& attachment);
  void Cancel(const StepKey& key);
  // To be called when the worker has the step.
  void RepeatCancel(const StepKey& key);
  // No attachment connects any more; those that wait end.
  void Close();

 private:
  struct Active {
    const Attachment* attachment;
    bool cancel;
  };

  absl::Status LetGo() const;
  void StopWaiting(const std::shared_ptr<Attachment>& attachment);
  void Connect(const std::shared_ptr<Attachment>& attachment);  // connecting_ counts it
  bool Idle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return connecting_ == 0; }

  const std::string host_;
  WorkerClient& inner_;  // alive until Close has returned and all streams have ended
  Timer& timer_;
  const ReattachOptions options_;
  absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  int connecting_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<std::shared_ptr<Attachment>> waiting_ ABSL_GUARDED_BY(mutex_);
  std::map<StepTry, Active> active_ ABSL_GUARDED_BY(mutex_);
};

void ReattachingWorkerClient::Attachment::OnEvent(const RunStepResponse& event) {
  heard_ = true;
  failed_tries_ = 0;
  silent_since_.reset();
  if (event.has_started()) {
    request_.set_journal_id(event.started().journal_id());
    owner_->RepeatCancel(request_.key());
  }
  if (event.has_log() && event.log().has_position()) {
    *request_.mutable_after_log() = event.log().position();
  }
  observer_->OnEvent(event);
}

void ReattachingWorkerClient::Attachment::OnDone(const absl::Status& status) {
  if (IsFinal(status)) return End(status);
  if (!silent_since_) silent_since_ = owner_->Uptime();
  owner_->Retry(shared_from_this(), failed_tries_++, owner_->Uptime() - *silent_since_, status);
}

void ReattachingWorkerClient::Attachment::End(const absl::Status& status) {
  owner_->Forget(*this);
  std::exchange(observer_, nullptr)->OnDone(status);
}

void ReattachingWorkerClient::Attachments::Start(const std::shared_ptr<Attachment>& attachment) {
  {
    absl::MutexLock lock(&mutex_);
    active_[TryOf(attachment->request().key())] = {attachment.get(), false};
    ++connecting_;
  }
  Connect(attachment);
}

absl::Status ReattachingWorkerClient::Attachments::LetGo() const {
  v1::Failure failure =
      MakeFailure(v1::HOST_UNREACHABLE, absl::StrCat("the controller has let go of host ", host_),
                  {"the host was removed, or the controller is stopping"});
  failure.clear_likely_cause();
  failure.clear_next_command();
  return FailureStatus(failure);
}

void ReattachingWorkerClient::Attachments::Retry(const std::shared_ptr<Attachment>& attachment,
                                                 int failed_tries, absl::Duration silence,
                                                 const absl::Status& why) {
  const absl::Duration give_up =
      attachment->heard() ? options_.give_up : std::min(options_.give_up_first, options_.give_up);
  if (silence >= give_up) return attachment->End(NoAnswer(host_, silence, why));
  bool closed = false;
  {
    absl::MutexLock lock(&mutex_);
    closed = closed_;
    if (!closed) waiting_.insert(attachment);
  }
  if (closed) return attachment->End(LetGo());
  // The last try comes when the time is over, not a pause later.
  const absl::Duration pause = std::min(options_.backoff.Pause(failed_tries), give_up - silence);
  timer_.After(pause, [self = shared_from_this(), attachment] { self->StopWaiting(attachment); });
}

void ReattachingWorkerClient::Attachments::StopWaiting(
    const std::shared_ptr<Attachment>& attachment) {
  {
    absl::MutexLock lock(&mutex_);
    if (waiting_.erase(attachment) == 0) return;  // ended by Close
    ++connecting_;
  }
  Connect(attachment);
}

void ReattachingWorkerClient::Attachments::Connect(const std::shared_ptr<Attachment>& attachment) {
  // A copy: the stream's first event may change the original before RunStep returns.
  RunStepRequest request = attachment->request();
  inner_.RunStep(std::move(request), attachment);
  absl::MutexLock lock(&mutex_);
  --connecting_;
}

void ReattachingWorkerClient::Attachments::Forget(const Attachment& attachment) {
  absl::MutexLock lock(&mutex_);
  const auto found = active_.find(TryOf(attachment.request().key()));
  if (found != active_.end() && found->second.attachment == &attachment) active_.erase(found);
}

void ReattachingWorkerClient::Attachments::Cancel(const StepKey& key) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = active_.find(TryOf(key));
    if (found != active_.end()) found->second.cancel = true;
  }
  inner_.CancelStep(key);
}

void ReattachingWorkerClient::Attachments::RepeatCancel(const StepKey& key) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = active_.find(TryOf(key));
    if (found == active_.end() || !found->second.cancel) return;
  }
  inner_.CancelStep(key);
}

void ReattachingWorkerClient::Attachments::Close() {
  std::set<std::shared_ptr<Attachment>> waiting;
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    waiting.swap(waiting_);
    mutex_.Await(absl::Condition(this, &Attachments::Idle));
  }
  for (const auto& attachment : waiting) attachment->End(LetGo());
}

ReattachingWorkerClient::ReattachingWorkerClient(std::string host,
                                                 std::unique_ptr<WorkerClient> inner_client,
                                                 Timer& timer, ReattachOptions options)
    : WorkerClientDecorator(std::move(inner_client)),
      attachments_(
          std::make_shared<Attachments>(std::move(host), inner(), timer, std::move(options))) {}

ReattachingWorkerClient::~ReattachingWorkerClient() {
  attachments_->Close();
  DropInner();  // ends the streams that are connected
}

void ReattachingWorkerClient::RunStep(RunStepRequest request,
                                      std::shared_ptr<StepObserver> observer) {
  attachments_->Start(
      std::make_shared<Attachment>(std::move(request), std::move(observer), attachments_));
}

void ReattachingWorkerClient::CancelStep(const StepKey& key) { attachments_->Cancel(key); }

}  // namespace davit::fleet
