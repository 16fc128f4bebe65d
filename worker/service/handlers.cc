#include "worker/service/handlers.h"

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/redaction/redactor.h"
#include "common/rpc/caller_watch.h"
#include "common/rpc/grpc_status.h"
#include "google/protobuf/util/time_util.h"
#include "worker/service/log_frames.h"
#include "worker/service/masked_lines.h"
#include "worker/service/masked_values.h"
#include "worker/service/runs_logs.h"
#include "worker/steps/database/backup/message.h"

namespace davit::service {
namespace {

using worker::v1::RunStepResponse;

// How soon a handler that waits notices that its caller has gone.
constexpr absl::Duration kLookForCaller = absl::Milliseconds(100);

// Docker reads its files twice to count lines, and none has so many.
constexpr int kEveryLine = std::numeric_limits<int32_t>::max();

grpc::Status CallerGone() { return {grpc::StatusCode::CANCELLED, "the caller has gone"}; }

// Writes what the step says until it has ended.
grpc::Status Follow(StepFeed& feed, StepFeed::Cursor cursor, const grpc::ServerContext& context,
                    grpc::ServerWriter<RunStepResponse>& writer) {
  while (!context.IsCancelled()) {
    const bool abandoned = feed.abandoned();
    const auto message = feed.Next(cursor, absl::Now() + kLookForCaller);
    if (!message.has_value()) {
      if (abandoned) return ToGrpcStatus(absl::UnavailableError("the worker is ending"));
      continue;
    }
    if (!writer.Write(*message)) return CallerGone();
    if (message->has_finished()) return grpc::Status::OK;
  }
  return CallerGone();
}

}  // namespace

Handlers::Handlers(StepTable* table, docker::Engine* engine, HostReporter* reporter,
                   builder::ImageBuilder* builder, const BuildLimits& builds,
                   std::string journal_id)
    : table_(table),
      engine_(engine),
      reporter_(reporter),
      builder_(builder),
      build_limits_(builds),
      build_slots_(builds.most),
      journal_id_(std::move(journal_id)) {}

grpc::Status Handlers::RunStep(grpc::ServerContext* context,
                               const worker::v1::RunStepRequest* request,
                               grpc::ServerWriter<RunStepResponse>* writer) {
  const auto attachment = table_->Run(*request, [context] { return context->IsCancelled(); });
  if (!attachment.ok()) return ToGrpcStatus(attachment.status());
  RunningStep& step = *attachment->step;
  RunStepResponse message;
  worker::v1::StepStarted& started = *message.mutable_started();
  started.set_journal_id(journal_id_);
  started.set_attached(attachment->attached);
  *started.mutable_time() = google::protobuf::util::TimeUtil::NanosecondsToTimestamp(
      absl::ToUnixNanos(step.intent().time));
  if (!writer->Write(message)) return CallerGone();
  if (attachment->before_reading) attachment->before_reading();
  const auto cursor = step.feed().Begin(request->has_after_log() ? &request->after_log() : nullptr);
  return Follow(step.feed(), cursor, *context, *writer);
}

grpc::Status Handlers::AckStep(grpc::ServerContext*, const worker::v1::AckStepRequest* request,
                               worker::v1::AckStepResponse*) {
  return ToGrpcStatus(table_->Acknowledge(request->key()));
}

grpc::Status Handlers::CancelStep(grpc::ServerContext*,
                                  const worker::v1::CancelStepRequest* request,
                                  worker::v1::CancelStepResponse* response) {
  const auto known = table_->Cancel(request->key());
  if (!known.ok()) return ToGrpcStatus(known.status());
  response->set_known(*known);
  return grpc::Status::OK;
}

grpc::Status Handlers::ListSteps(grpc::ServerContext*, const worker::v1::ListStepsRequest* request,
                                 worker::v1::ListStepsResponse* response) {
  for (worker::v1::KnownStep& step : table_->List(request->cluster_id())) {
    *response->add_steps() = std::move(step);
  }
  return grpc::Status::OK;
}

grpc::Status Handlers::GetHost(grpc::ServerContext* context,
                               const worker::v1::GetHostRequest* request,
                               worker::v1::GetHostResponse* response) {
  const CallerWatch watch(*context);
  const Call call = watch.call().Within(kEnginePatience);
  response->set_journal_id(journal_id_);
  response->set_version(DAVIT_VERSION);
  const auto info = engine_->Info(call);
  if (!info.ok()) {
    *response->mutable_docker_failure() = EngineFailure(*engine_, info.status());
    return grpc::Status::OK;
  }
  response->set_docker_version(info->version);
  const std::map<std::string, std::string> labels(request->container_labels().begin(),
                                                  request->container_labels().end());
  if (labels.empty()) return grpc::Status::OK;
  auto containers = engine_->ListContainers(labels, call);
  if (!containers.ok()) {
    *response->mutable_docker_failure() = EngineFailure(*engine_, containers.status());
    return grpc::Status::OK;
  }
  for (auto& container : *containers) *response->add_containers() = std::move(container);
  return grpc::Status::OK;
}

grpc::ServerWriteReactor<worker::v1::WatchHostResponse>* Handlers::WatchHost(
    grpc::CallbackServerContext*, const worker::v1::WatchHostRequest* request) {
  return reporter_->Begin(*request);
}

grpc::Status Handlers::AdoptController(grpc::ServerContext* context,
                                       const worker::v1::AdoptControllerRequest* request,
                                       worker::v1::AdoptControllerResponse* response) {
  auto adopted = table_->Adopt(*request, [context] { return context->IsCancelled(); });
  // Even where steps have not ended yet, another controller may be followed now.
  reporter_->Refresh();
  if (!adopted.ok()) return ToGrpcStatus(adopted.status());
  *response = *std::move(adopted);
  return grpc::Status::OK;
}

grpc::Status Handlers::TailLogs(grpc::ServerContext* context,
                                const worker::v1::TailLogsRequest* request,
                                grpc::ServerWriter<worker::v1::TailLogsResponse>* writer) {
  const CallerWatch watch(*context);
  docker::LogOptions options;
  options.tail = request->tail() == kEveryLine ? -1 : request->tail();
  options.follow = request->follow();
  options.timestamps = false;
  const Redactor redactor(
      MaskedValues(std::vector<std::string>(request->secrets().begin(), request->secrets().end())));
  LogFrames frames([writer](const auto& frame) { return writer->Write(frame); });
  MaskedLines lines(&redactor, &frames);
  const absl::Status status = LogsOfRuns(*engine_, request->container(), options, watch.call(),
                                         [&lines](const docker::LogLine& line) {
                                           return lines.Put(line.stream, line.text, line.goes_on);
                                         });
  lines.Finish();
  frames.Finish();
  return context->IsCancelled() ? CallerGone() : ToGrpcStatus(status);
}

grpc::Status Handlers::ListBackups(grpc::ServerContext* /*context*/,
                                   const worker::v1::ListBackupsRequest* request,
                                   worker::v1::ListBackupsResponse* response) {
  auto listed = steps::ListBackupsIn(request->directory());
  if (!listed.ok()) return ToGrpcStatus(listed.status());
  *response = *std::move(listed);
  return grpc::Status::OK;
}

}  // namespace davit::service
