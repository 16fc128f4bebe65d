#include "worker/service/host_reporter.h"

#include <utility>

#include "common/steady_time.h"

namespace davit::service {

namespace {

// An older report is of no use. While somebody watches, the newest is never so old,
// even when the engine hangs.
constexpr absl::Duration kStale = absl::Seconds(10);

}  // namespace

HostReporter::HostReporter(docker::Engine* engine, Journal* journal, std::string worker_version,
                           const HostReportTiming& timing)
    : journal_(journal),
      timing_(timing),
      collector_(engine, std::move(worker_version)),
      pause_(std::make_shared<CancelToken>()),
      thread_([this] { Run(); }) {}

HostReporter::~HostReporter() {
  stop_.Cancel();
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    pause_->Cancel();
  }
  thread_.join();
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &HostReporter::NoWatch));
}

HostWatch* HostReporter::Begin(const worker::v1::WatchHostRequest& request) {
  const auto watch = HostWatch::Make(request, [this](const HostWatch* done) { End(done); });
  Report fresh;
  {
    absl::MutexLock lock(&mutex_);
    watches_.push_back(watch);
    if (latest_.number > 0 && SteadyNow() - latest_.time < kStale) fresh = latest_;
  }
  // The thread may be waiting for an engine that hangs.
  if (fresh.number > 0) Tell(*watch, std::move(fresh));
  return watch.get();
}

void HostReporter::End(const HostWatch* watch) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(watches_, [watch](const auto& other) { return other.get() == watch; });
}

void HostReporter::Refresh() {
  absl::MutexLock lock(&mutex_);
  refresh_ = true;
  pause_->Cancel();
}

void HostReporter::Run() {
  while (AwaitWatches()) {
    if (IsDue() || collector_.HasChanged(stop_)) Collect();
    std::vector<std::shared_ptr<HostWatch>> watches;
    {
      absl::MutexLock lock(&mutex_);
      watches = watches_;
    }
    Tell(watches);
    Pause();
  }
}

bool HostReporter::AwaitWatches() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &HostReporter::HasWork));
  return !stopping_;
}

bool HostReporter::IsDue() const {
  absl::MutexLock lock(&mutex_);
  return refresh_ || latest_.number == 0 || SteadyNow() - latest_.time >= timing_.interval;
}

void HostReporter::Collect() {
  {
    absl::MutexLock lock(&mutex_);
    refresh_ = false;
  }
  Report report;
  report.time = SteadyNow();
  HostSnapshot snapshot = collector_.Collect(stop_);
  worker::v1::WatchHostResponse& response = report.response;
  response.set_journal_id(journal_->id());
  *response.mutable_facts() = std::move(snapshot.facts);
  if (snapshot.docker_failure.has_value()) {
    *response.mutable_docker_failure() = *std::move(snapshot.docker_failure);
  }
  *response.mutable_apps() = {snapshot.apps.begin(), snapshot.apps.end()};
  absl::MutexLock lock(&mutex_);
  report.number = latest_.number + 1;
  latest_ = std::move(report);
}

void HostReporter::Tell(const std::vector<std::shared_ptr<HostWatch>>& watches) {
  Report latest;
  {
    absl::MutexLock lock(&mutex_);
    latest = latest_;
  }
  if (stop_.cancelled()) return;
  for (const auto& watch : watches) Tell(*watch, latest);
}

void HostReporter::Tell(HostWatch& watch, Report report) {
  // A journal that cannot be read says so to whoever wants to run a step.
  const std::string followed = journal_->Followed(watch.cluster_id()).value_or("");
  report.response.set_follows_another(!followed.empty() && followed != watch.controller_id());
  watch.Offer(report.number, report.response);
}

void HostReporter::Pause() {
  const auto pause = std::make_shared<CancelToken>();
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_ || refresh_) return;
    pause_ = pause;
  }
  pause->WaitFor(timing_.look);
}

}  // namespace davit::service
