#include "tests/bench/past.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/id.h"
#include "controller/store/memory/memory_store.h"
#include "controller/store/sqlite/schema.h"
#include "controller/store/sqlite/sqlite_store.h"
#include "tests/bench/comparison.h"
#include "tests/bench/load.h"

namespace davit::bench {
namespace {

constexpr int kDeploymentsInOneCommit = 100;

// One deployment as the executor really writes it.
struct Template {
  std::string id;
  core::DeploymentState state;
  std::vector<v1::Event> events;
  state::v1::ReleaseRecord release;
};

v1::Event LineAfter(const v1::Event& event, int number) {
  v1::Event line;
  line.set_deployment_id(event.deployment_id());
  line.set_sequence(event.sequence() + 1);
  *line.mutable_time() = event.time();
  line.mutable_log()->set_step_id(StepId(event.deployment_id(), 5));
  line.mutable_log()->set_data(
      absl::StrCat("2026-01-01T00:00:00Z INFO  worker: line ", number, " of the start\n"));
  return line;
}

// The last event, which says that the deployment has ended, stays the last.
void AddLines(std::vector<v1::Event>& events, int wanted) {
  v1::Event last = std::move(events.back());
  events.pop_back();
  for (int n = 1; static_cast<int>(events.size()) + 1 < wanted; ++n) {
    events.push_back(LineAfter(events.back(), n));
  }
  last.set_sequence(events.back().sequence() + 1);
  events.push_back(std::move(last));
}

Template MakeTemplate(int events) {
  Template made;
  store::MemoryStore store;
  {
    Load load(store, {});
    load.Run(1, 1);
    made.id = load.last_id();
  }
  const absl::Status status = store.View([&](store::ReadTxn& txn) {
    made.state = *txn.GetDeployment(made.id);
    made.events = *txn.ReadEvents(made.id, 0, 1'000'000);
    made.release = txn.LiveReleases("shop", EnvironmentNamed(0))->at(0);
    return absl::OkStatus();
  });
  Require(status.ok(), status.ToString());
  AddLines(made.events, events);
  return made;
}

// The message with another id of the deployment: ids are all of one length, so that
// they can be replaced in the bytes.
template <typename Message>
Message Renamed(const Message& message, const std::string& from, const std::string& to) {
  Message renamed;
  const std::string bytes = absl::StrReplaceAll(message.SerializeAsString(), {{from, to}});
  Require(renamed.ParseFromString(bytes), "a message cannot be given another id");
  return renamed;
}

absl::Status WriteRelease(store::Txn& txn, const Template& made, const std::string& id,
                          const std::string& environment, int64_t number) {
  state::v1::ReleaseRecord release = Renamed(made.release, made.id, id);
  release.mutable_view()->set_environment(environment);
  release.mutable_view()->set_number(number);
  release.mutable_view()->set_live(true);  // until the next
  return txn.PutRelease(release);
}

absl::Status WriteDeployment(store::Txn& txn, const Template& made, const std::string& id,
                             const std::string& environment) {
  state::v1::DeploymentRecord record = Renamed(made.state.record, made.id, id);
  record.set_request_id(absl::StrCat("request of ", id));
  record.mutable_view()->set_environment(environment);
  absl::Status status = txn.PutDeployment(record);
  for (size_t i = 0; status.ok() && i < made.state.steps.size(); ++i) {
    status = txn.PutStep(id, static_cast<int>(i), Renamed(made.state.steps[i], made.id, id));
  }
  std::vector<v1::Event> events;
  for (const v1::Event& event : made.events) events.push_back(Renamed(event, made.id, id));
  return status.ok() ? txn.AppendEvents(events) : status;
}

absl::Status WriteLock(store::Txn& txn, const std::string& environment, int64_t fence) {
  state::v1::LockRecord lock;
  lock.set_project("shop");
  lock.set_environment(environment);
  lock.set_fence(fence);
  return txn.PutLock(lock);
}

// Deployment `number` of all: the environments take turns.
absl::Status Write(store::Txn& txn, const Template& made, const Past& past, int number) {
  const absl::Time begin = absl::FromUnixSeconds(1'700'000'000);
  const std::string id = NewDeploymentId(begin + absl::Seconds(number));
  const std::string environment = EnvironmentNamed(number % past.environments);
  const int64_t release = number / past.environments + 1;
  absl::Status status = WriteDeployment(txn, made, id, environment);
  if (status.ok()) status = WriteRelease(txn, made, id, environment, release);
  if (status.ok()) status = WriteLock(txn, environment, release);
  return status;
}

void Fill(const std::string& path, const Past& past) {
  auto store = store::SqliteStore::Open(path);
  Require(store.ok(), store.status().ToString());
  const Template made = MakeTemplate(past.events);
  const int count = past.environments * past.deployments;
  for (int next = 0; next < count;) {
    const absl::Status status = (*store)->Update([&](store::Txn& txn) {
      const int end = std::min(next + kDeploymentsInOneCommit, count);
      absl::Status written;
      for (; written.ok() && next < end; ++next) written = Write(txn, made, past, next);
      return written;
    });
    Require(status.ok(), status.ToString());
  }
}

}  // namespace

std::string EnvironmentNamed(int number) { return absl::StrCat("env", number); }

std::string StoreWith(const Past& past, const std::string& directory) {
  const std::string name = absl::StrCat(directory, "/past-", store::SchemaVersion(), "-",
                                        past.environments, "-", past.deployments, "-", past.events);
  const std::string path = name + "/davit.db";
  if (std::filesystem::exists(path)) return path;
  const std::string unfinished = name + ".unfinished";
  std::filesystem::remove_all(unfinished);
  Fill(unfinished + "/davit.db", past);
  std::filesystem::rename(unfinished, name);
  return path;
}

}  // namespace davit::bench
