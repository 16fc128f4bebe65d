#include "controller/api/builds/build_image.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "controller/api/builds/build_job.h"
#include "controller/executor/secret_values.h"
#include "google/protobuf/util/time_util.h"

namespace davit::api {
namespace {

absl::StatusOr<worker::v1::BuildJob> ReadJob(const BuildServiceContext& context,
                                             const v1::BuildHeader& header) {
  worker::v1::BuildJob job;
  const absl::Status read = context.store.View([&](store::ReadTxn& txn) {
    auto made = MakeBuildJob(txn, header);
    if (!made.ok()) return made.status();
    job = *std::move(made);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  for (const auto& [key, use] : executor::SecretsOf(job)) {
    auto value = context.secrets.Value(header.spec().project(), use);
    if (!value.ok()) return value.status();
    (*job.mutable_secrets())[key] = *std::move(value);
  }
  *job.mutable_timeout() =
      google::protobuf::util::TimeUtil::SecondsToDuration(absl::ToInt64Seconds(context.timeout));
  return job;
}

}  // namespace

absl::StatusOr<v1::BuiltImage> BuildImage(const BuildServiceContext& context,
                                          const v1::BuildHeader& header,
                                          fleet::WorkerClient::ContextPieces pieces,
                                          const Call& call, fleet::WorkerClient::BuildSink sink) {
  if (absl::Status wrong = CheckBuildHeader(header); !wrong.ok()) return wrong;
  const std::string host = header.host().empty() ? header.spec().hosts(0) : header.host();
  const absl::Status ready = context.fleet.CheckReady({host}, absl::Now() + context.host_patience);
  if (!ready.ok()) return ready;
  const auto worker = context.fleet.Find(host);
  if (!worker.ok()) return worker.status();
  const auto job = ReadJob(context, header);
  if (!job.ok()) return job.status();
  spdlog::info("build of {}/{} as {} on {} for {}", header.spec().project(), header.app(),
               job->references(0), host, header.submitted_by());
  return (*worker)->BuildImage(*job, pieces, call, sink);
}

}  // namespace davit::api
