#include "controller/fleet/scripted_worker.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

namespace davit::fleet {
namespace {

using worker::v1::RunStepRequest;
using worker::v1::RunStepResponse;

constexpr absl::Duration kPatience = absl::Seconds(20);

// Waits until `done` holds, and complains when it does not in time.
template <typename Condition>
void Await(absl::Mutex& mutex, const Condition& done) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
  EXPECT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&done), kPatience)) << "nothing came";
}

}  // namespace

ScriptedWorker::ScriptedWorker() : directory_(::testing::TempDir() + "davit-fleet-XXXXXX") {
  EXPECT_NE(mkdtemp(directory_.data()), nullptr);
  path_ = directory_ + "/worker";
  Start();
}

ScriptedWorker::~ScriptedWorker() {
  Stop();
  std::filesystem::remove_all(directory_);
}

void ScriptedWorker::Start() {
  auto server = Server::Start({.listen = {UnixAddress(path_)}, .services = {this}});
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  absl::MutexLock lock(&mutex_);
  stopping_ = false;
}

void ScriptedWorker::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (server_ != nullptr) server_->Shutdown(absl::Now());
  server_.reset();
}

grpc::Status ScriptedWorker::Hold() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&stopping_));
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "the worker stops");
}

grpc::Status ScriptedWorker::HoldWhile(grpc::ServerContext& context) {
  absl::MutexLock lock(&mutex_);
  while (!mutex_.AwaitWithTimeout(absl::Condition(&stopping_), absl::Milliseconds(10)) &&
         !context.IsCancelled()) {
  }
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "the worker stops");
}

void ScriptedWorker::Play(std::vector<Script> scripts) {
  absl::MutexLock lock(&mutex_);
  scripts_ = std::move(scripts);
}

std::vector<RunStepRequest> ScriptedWorker::AwaitRequests(size_t count) {
  absl::MutexLock lock(&mutex_);
  Await(mutex_,
        [this, count]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return requests_.size() >= count; });
  return requests_;
}

std::vector<std::string> ScriptedWorker::AwaitCancels(size_t count) {
  absl::MutexLock lock(&mutex_);
  Await(mutex_,
        [this, count]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return cancels_.size() >= count; });
  return cancels_;
}

std::vector<std::string> ScriptedWorker::AwaitAcks(size_t count) {
  absl::MutexLock lock(&mutex_);
  Await(mutex_, [this, count]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return acks_.size() >= count; });
  return acks_;
}

grpc::Status ScriptedWorker::RunStep(grpc::ServerContext* context, const RunStepRequest* request,
                                     Stream* stream) {
  Script script;
  {
    absl::MutexLock lock(&mutex_);
    if (scripts_.empty()) return grpc::Status(grpc::StatusCode::INTERNAL, "no script");
    script = scripts_.front();
    if (scripts_.size() > 1) scripts_.erase(scripts_.begin());
    requests_.push_back(*request);
  }
  return script(*context, *request, *stream);
}

grpc::Status ScriptedWorker::CancelStep(grpc::ServerContext*,
                                        const worker::v1::CancelStepRequest* request,
                                        worker::v1::CancelStepResponse*) {
  absl::MutexLock lock(&mutex_);
  cancels_.push_back(request->key().step_id());
  return grpc::Status::OK;
}

grpc::Status ScriptedWorker::AckStep(grpc::ServerContext*,
                                     const worker::v1::AckStepRequest* request,
                                     worker::v1::AckStepResponse*) {
  absl::MutexLock lock(&mutex_);
  acks_.push_back(request->key().step_id());
  return grpc::Status::OK;
}

grpc::Status ScriptedWorker::GetHost(grpc::ServerContext* context,
                                     const worker::v1::GetHostRequest*,
                                     worker::v1::GetHostResponse* response) {
  return on_get_host(*context, *response);
}

grpc::Status ScriptedWorker::TailLogs(grpc::ServerContext* context,
                                      const worker::v1::TailLogsRequest*,
                                      grpc::ServerWriter<worker::v1::TailLogsResponse>* stream) {
  return on_tail_logs(*context, *stream);
}

void ScriptedWorker::PlayWatch(std::vector<WatchScript> scripts) {
  absl::MutexLock lock(&mutex_);
  watch_scripts_ = std::move(scripts);
}

int ScriptedWorker::watches() {
  absl::MutexLock lock(&mutex_);
  return watches_;
}

grpc::Status ScriptedWorker::WatchHost(grpc::ServerContext* context,
                                       const worker::v1::WatchHostRequest* request,
                                       WatchStream* stream) {
  WatchScript script;
  {
    absl::MutexLock lock(&mutex_);
    ++watches_;
    if (watch_scripts_.empty()) return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
    script = watch_scripts_.front();
    if (watch_scripts_.size() > 1) watch_scripts_.erase(watch_scripts_.begin());
  }
  return script(*context, *request, *stream);
}

grpc::Status ScriptedWorker::AdoptController(grpc::ServerContext*,
                                             const worker::v1::AdoptControllerRequest* request,
                                             worker::v1::AdoptControllerResponse* response) {
  return on_adopt(*request, *response);
}

grpc::Status ScriptedWorker::ListBackups(grpc::ServerContext* context,
                                         const worker::v1::ListBackupsRequest* request,
                                         worker::v1::ListBackupsResponse* response) {
  if (!on_list_backups) return Service::ListBackups(context, request, response);
  return on_list_backups(*request, *response);
}

void RecordingObserver::OnEvent(const RunStepResponse& event) {
  absl::MutexLock lock(&mutex_);
  events_.push_back(event);
}

void RecordingObserver::OnDone(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  done_.push_back(status);
}

std::vector<RunStepResponse> RecordingObserver::AwaitEvents(size_t count) {
  absl::MutexLock lock(&mutex_);
  Await(mutex_, [this, count]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return events_.size() >= count; });
  return events_;
}

absl::Status RecordingObserver::AwaitDone() {
  absl::MutexLock lock(&mutex_);
  Await(mutex_, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return !done_.empty(); });
  return done_.empty() ? absl::UnknownError("OnDone was not called") : done_.front();
}

int RecordingObserver::done_calls() {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(done_.size());
}

absl::Duration ManualTimer::Uptime() const {
  absl::MutexLock lock(&mutex_);
  return uptime_;
}

void ManualTimer::After(absl::Duration delay, std::function<void()> action) {
  absl::MutexLock lock(&mutex_);
  actions_.emplace(uptime_ + delay, std::move(action));
}

absl::Duration ManualTimer::RunNext() {
  std::function<void()> action;
  absl::Duration delay;
  {
    absl::MutexLock lock(&mutex_);
    Await(mutex_, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return !actions_.empty(); });
    if (actions_.empty()) return absl::ZeroDuration();
    delay = actions_.begin()->first - uptime_;
    uptime_ = actions_.begin()->first;
    action = std::move(actions_.begin()->second);
    actions_.erase(actions_.begin());
  }
  action();
  return delay;
}

size_t ManualTimer::AwaitPending(size_t count) {
  absl::MutexLock lock(&mutex_);
  Await(mutex_,
        [this, count]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return actions_.size() >= count; });
  return actions_.size();
}

RunStepRequest StepRequest(const std::string& step_id) {
  RunStepRequest request;
  request.mutable_key()->set_step_id(step_id);
  request.mutable_key()->set_attempt(1);
  request.set_fence(3);
  return request;
}

RunStepResponse StartedEvent(const std::string& journal_id) {
  RunStepResponse event;
  event.mutable_started()->set_journal_id(journal_id);
  return event;
}

RunStepResponse LogEvent(int64_t time_unix_nanos) {
  RunStepResponse event;
  event.mutable_log()->mutable_position()->set_time_unix_nanos(time_unix_nanos);
  return event;
}

RunStepResponse FinishedEvent() {
  RunStepResponse event;
  event.mutable_finished()->set_outcome(worker::v1::StepFinished::SUCCEEDED);
  return event;
}

ScriptedWorker::Script Sends(std::vector<RunStepResponse> events, grpc::Status status) {
  return [events = std::move(events), status = std::move(status)](
             grpc::ServerContext&, const RunStepRequest&, ScriptedWorker::Stream& stream) {
    for (const RunStepResponse& event : events) stream.Write(event);
    return status;
  };
}

ScriptedWorker::Script SendsAndHolds(ScriptedWorker& worker, std::vector<RunStepResponse> events) {
  return [&worker, events = std::move(events)](grpc::ServerContext&, const RunStepRequest&,
                                               ScriptedWorker::Stream& stream) {
    for (const RunStepResponse& event : events) stream.Write(event);
    return worker.Hold();
  };
}

ScriptedWorker::WatchScript Reports(ScriptedWorker& worker,
                                    std::vector<worker::v1::WatchHostResponse> reports) {
  return [&worker, reports = std::move(reports)](grpc::ServerContext& context,
                                                 const worker::v1::WatchHostRequest&,
                                                 ScriptedWorker::WatchStream& stream) {
    for (const auto& report : reports) stream.Write(report);
    return worker.HoldWhile(context);
  };
}

ScriptedWorker::WatchScript RefusesWatch(grpc::Status status) {
  return [status = std::move(status)](grpc::ServerContext&, const worker::v1::WatchHostRequest&,
                                      ScriptedWorker::WatchStream&) { return status; };
}

worker::v1::WatchHostResponse ReportOf(const std::string& docker_version) {
  worker::v1::WatchHostResponse report;
  report.mutable_facts()->set_docker_version(docker_version);
  return report;
}

}  // namespace davit::fleet
