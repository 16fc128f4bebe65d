#include "worker/service/host_collector.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "google/protobuf/util/time_util.h"
#include "worker/steps/host/disk_space.h"

namespace davit::service {
namespace {

// Label that all containers of Davit have.
constexpr char kProjectLabel[] = "davit.project";

// One that is slower is looked at with more patience.
constexpr absl::Duration kLookPatience = absl::Seconds(1);

Call Patiently(const CancelToken& cancel, absl::Duration patience) {
  return {.cancel = &cancel, .steady_deadline = SteadyNow() + patience};
}

std::string LabelOf(const worker::v1::ObservedContainer& container, const char* name) {
  const auto label = container.labels().find(name);
  return label == container.labels().end() ? "" : label->second;
}

v1::HostApp AppOf(const worker::v1::ObservedContainer& container) {
  v1::HostApp app;
  app.set_project(LabelOf(container, kProjectLabel));
  app.set_environment(LabelOf(container, "davit.environment"));
  app.set_app(LabelOf(container, "davit.app"));
  int64_t release = 0;
  if (absl::SimpleAtoi(LabelOf(container, "davit.release"), &release)) app.set_release(release);
  app.set_deployment_id(LabelOf(container, "davit.deployment"));
  app.set_container(container.name());
  app.set_state(container.state());
  app.set_health(container.health());
  if (container.has_start_time()) *app.mutable_start_time() = container.start_time();
  return app;
}

bool GoesBefore(const v1::HostApp& a, const v1::HostApp& b) {
  return std::tie(a.project(), a.environment(), a.app(), a.container()) <
         std::tie(b.project(), b.environment(), b.app(), b.container());
}

}  // namespace

v1::Failure EngineFailure(const docker::Engine& engine, const absl::Status& status) {
  if (!absl::IsDeadlineExceeded(status)) return FailureOf(status);
  v1::Failure failure = MakeFailure(v1::DOCKER_UNREACHABLE,
                                    absl::StrCat("The Docker Engine has not answered within ",
                                                 absl::FormatDuration(kEnginePatience)),
                                    {absl::StrCat("socket ", engine.socket_path(), ": connected")});
  failure.set_likely_cause("the engine hangs, or the host is overloaded");
  failure.set_next_command("look at `journalctl -u docker` on that host");
  return failure;
}

HostSnapshot HostCollector::Collect(const CancelToken& cancel) {
  HostSnapshot snapshot;
  if (const absl::Status status = AskEngine(Patiently(cancel, kEnginePatience), snapshot);
      !status.ok()) {
    // Half of an answer is none: what it said may be of an engine that is gone.
    snapshot = {};
    snapshot.docker_failure = EngineFailure(*engine_, status);
    containers_.reset();
  }
  *snapshot.facts.mutable_time() =
      google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(absl::Now()));
  snapshot.facts.set_worker_version(worker_version_);
  if (data_root_.empty()) return snapshot;
  if (const auto space = steps::SpaceOf(data_root_)) {
    snapshot.facts.set_disk_total_bytes(space->total_bytes);
    snapshot.facts.set_disk_free_bytes(space->free_bytes);
  }
  return snapshot;
}

absl::Status HostCollector::AskEngine(const Call& call, HostSnapshot& snapshot) {
  const auto info = engine_->Info(call);
  if (!info.ok()) return info.status();
  data_root_ = info->data_root;
  snapshot.facts.set_docker_version(info->version);
  snapshot.facts.set_platform(absl::StrCat(info->os, "/", info->architecture));
  snapshot.facts.set_operating_system(info->operating_system);
  snapshot.facts.set_cpus(info->cpus);
  snapshot.facts.set_memory_bytes(info->memory_bytes);
  auto containers = engine_->ListSummaries(kProjectLabel, call);
  if (!containers.ok()) return containers.status();
  auto apps = Apps(*containers, call);
  if (!apps.ok()) return apps.status();
  snapshot.apps = *std::move(apps);
  containers_ = *std::move(containers);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::HostApp>> HostCollector::Apps(
    const std::vector<docker::ContainerSummary>& containers, const Call& call) const {
  std::vector<v1::HostApp> apps;
  for (const docker::ContainerSummary& container : containers) {
    const auto details = engine_->InspectContainer(container.id, call);
    // It may have gone since the list was made.
    if (IsFailure(details.status(), v1::CONTAINER_GONE)) continue;
    if (!details.ok()) return details.status();
    apps.push_back(AppOf(details->observed));
  }
  std::sort(apps.begin(), apps.end(), GoesBefore);
  return apps;
}

bool HostCollector::HasChanged(const CancelToken& cancel) const {
  const auto now = engine_->ListSummaries(kProjectLabel, Patiently(cancel, kLookPatience));
  if (!now.ok()) return containers_.has_value();
  return containers_ != *now;
}

}  // namespace davit::service
