#include "controller/api/hosts/adoption.h"

#include <algorithm>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "controller/core/names.h"
#include "controller/executor/live_apps.h"

namespace davit::api {
namespace {

using state::v1::LockRecord;
using state::v1::ReleaseRecord;
using worker::v1::ObservedContainer;

// How far back a release is looked for; older ones have no containers any more.
constexpr int kReleasesBack = 10'000;

// What a container's labels say it is.
struct Labelled {
  std::string app;
  int64_t release = 0;
  std::string deployment_id;
};

Labelled LabelsOf(const ObservedContainer& container) {
  const auto label = [&](const char* name) {
    const auto found = container.labels().find(name);
    return found == container.labels().end() ? std::string() : found->second;
  };
  Labelled labelled{label(core::kAppLabel), 0, label(core::kDeploymentLabel)};
  if (!absl::SimpleAtoi(label(core::kReleaseLabel), &labelled.release)) labelled.release = 0;
  return labelled;
}

absl::StatusOr<LockRecord> LockOf(store::ReadTxn& txn, const Environment& environment) {
  auto lock = txn.GetLock(environment.first, environment.second);
  if (!lock.ok()) return lock.status();
  if (lock->has_value()) return **lock;
  LockRecord fresh;
  fresh.set_project(environment.first);
  fresh.set_environment(environment.second);
  return fresh;
}

// Compares one environment on one host.
class Comparison {
 public:
  Comparison(store::Txn& txn, const Environment& environment, const std::string& host,
             std::vector<std::string>& differences)
      : txn_(txn),
        environment_(environment),
        host_(host),
        place_(absl::StrCat(environment.first, "/", environment.second)),
        differences_(differences) {}

  absl::Status Start() {
    const auto live = executor::LiveApps(txn_, environment_.first, environment_.second);
    if (!live.ok()) return live.status();
    for (const executor::LiveApp& app : *live) {
      live_[app.release.view().app()] = app.release.view().number();
      if (app.IsOn(host_)) expected_.insert(app.release.view().app());
    }
    return absl::OkStatus();
  }

  absl::Status Look(const ObservedContainer& container) {
    const Labelled labelled = LabelsOf(container);
    if (labelled.app.empty() || labelled.release == 0) return absl::OkStatus();
    seen_.insert({labelled.app, labelled.release});
    const auto releases =
        txn_.ListReleases(environment_.first, environment_.second, labelled.app, kReleasesBack);
    if (!releases.ok()) return releases.status();
    const bool known =
        std::any_of(releases->begin(), releases->end(), [&](const ReleaseRecord& release) {
          return release.view().number() == labelled.release &&
                 release.view().deployment_id() == labelled.deployment_id;
        });
    if (!known) {
      int64_t& next = next_[labelled.app];
      next = std::max(next, labelled.release + 1);
      Differs(container, labelled, "the records do not know this release");
    } else if (container.state() == "running" && live_[labelled.app] != labelled.release) {
      Differs(container, labelled, LiveInWords(labelled.app));
    }
    return absl::OkStatus();
  }

  void LookForMissing() {
    for (const std::string& app : expected_) {
      const int64_t number = live_.at(app);
      if (seen_.contains({app, number})) continue;
      differences_.push_back(absl::StrCat("By the records, v", number, " of ", app, " is live in ",
                                          place_, ", but it has no container here."));
    }
  }

  absl::Status ReserveNumbers() {
    if (next_.empty()) return absl::OkStatus();
    auto lock = LockOf(txn_, environment_);
    if (!lock.ok()) return lock.status();
    for (const auto& [app, number] : next_) {
      int64_t& reserved = (*lock->mutable_next_release())[app];
      reserved = std::max(reserved, number);
    }
    return txn_.PutLock(*lock);
  }

 private:
  void Differs(const ObservedContainer& container, const Labelled& labelled, std::string how) {
    differences_.push_back(absl::StrCat(
        "Container ", container.name(), " (", container.state(), ") is v", labelled.release, " of ",
        labelled.app, " in ", place_, ", made by ", labelled.deployment_id, ": ", how, "."));
  }

  std::string LiveInWords(const std::string& app) const {
    const int64_t number = live_.at(app);
    return number == 0 ? "by the records nothing of this app is live"
                       : absl::StrCat("by the records v", number, " is live");
  }

  store::Txn& txn_;
  const Environment& environment_;
  const std::string& host_;
  const std::string place_;
  std::vector<std::string>& differences_;
  std::map<std::string, int64_t> live_;  // by app
  std::set<std::string> expected_;       // apps that are live on this host
  std::map<std::string, int64_t> next_;  // by app
  std::set<std::pair<std::string, int64_t>> seen_;
};

}  // namespace

absl::StatusOr<std::set<Environment>> EnvironmentsOf(
    store::ReadTxn& txn, const worker::v1::AdoptControllerResponse& worker) {
  std::set<Environment> environments;
  for (const auto& fence : worker.fences()) {
    environments.insert({fence.project(), fence.environment()});
  }
  const auto locks = txn.ListLocks();
  if (!locks.ok()) return locks.status();
  for (const LockRecord& lock : *locks) environments.insert({lock.project(), lock.environment()});
  return environments;
}

absl::Status RaiseFences(store::Txn& txn, const worker::v1::AdoptControllerResponse& worker) {
  for (const auto& fence : worker.fences()) {
    auto lock = LockOf(txn, {fence.project(), fence.environment()});
    if (!lock.ok()) return lock.status();
    if (lock->fence() >= fence.fence()) continue;
    lock->set_fence(fence.fence());
    if (absl::Status put = txn.PutLock(*lock); !put.ok()) return put;
  }
  return absl::OkStatus();
}

absl::Status CompareEnvironment(store::Txn& txn, const Environment& environment,
                                const std::string& host,
                                const std::vector<ObservedContainer>& containers,
                                std::vector<std::string>& differences) {
  Comparison comparison(txn, environment, host, differences);
  if (absl::Status status = comparison.Start(); !status.ok()) return status;
  for (const ObservedContainer& container : containers) {
    if (absl::Status status = comparison.Look(container); !status.ok()) return status;
  }
  comparison.LookForMissing();
  return comparison.ReserveNumbers();
}

}  // namespace davit::api
