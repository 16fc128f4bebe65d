#include "controller/store/memory/memory_txn.h"

#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace davit::store {
namespace {

absl::Status NoSuchHost(absl::string_view name) {
  return absl::NotFoundError(absl::StrCat("There is no host ", name, "."));
}

bool Full(size_t size, int limit) { return static_cast<int64_t>(size) >= limit; }

bool Matches(const v1::Deployment& deployment, const DeploymentFilter& filter) {
  return (filter.project.empty() || deployment.project() == filter.project) &&
         (filter.environment.empty() || deployment.environment() == filter.environment);
}

}  // namespace

void MemoryTxn::Undo() {
  for (; !undo_.empty(); undo_.pop_back()) undo_.back()();
}

state::v1::DeploymentRecord MemoryTxn::Read(const std::string& id) const {
  state::v1::DeploymentRecord record = *data_.deployments.at(id);
  auto after = data_.events.upper_bound({id, std::numeric_limits<int64_t>::max()});
  const bool any = after != data_.events.begin() && (--after)->first.first == id;
  record.mutable_view()->set_last_sequence(any ? after->first.second : 0);
  return record;
}

absl::Status MemoryTxn::RequireDeployment(absl::string_view id) const {
  if (data_.deployments.count(std::string(id)) > 0) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("There is no deployment ", id, "."));
}

absl::StatusOr<StoreIdentity> MemoryTxn::Identity() { return data_.identity; }

absl::StatusOr<core::DeploymentState> MemoryTxn::GetDeployment(absl::string_view id) {
  if (absl::Status status = RequireDeployment(id); !status.ok()) return status;
  std::vector<state::v1::StepRecord> steps;
  for (auto it = data_.steps.lower_bound({std::string(id), 0});
       it != data_.steps.end() && it->first.first == id; ++it) {
    steps.push_back(*it->second);
  }
  return core::Assemble(Read(std::string(id)), std::move(steps));
}

absl::StatusOr<std::vector<std::string>> MemoryTxn::FindDeployments(absl::string_view prefix,
                                                                    int limit) {
  std::vector<std::string> ids;
  for (auto it = data_.deployments.lower_bound(std::string(prefix));
       it != data_.deployments.end() && absl::StartsWith(it->first, prefix); ++it) {
    if (Full(ids.size(), limit)) break;
    ids.push_back(it->first);
  }
  return ids;
}

absl::StatusOr<std::vector<state::v1::DeploymentRecord>> MemoryTxn::ListDeployments(
    const DeploymentFilter& filter) {
  std::vector<state::v1::DeploymentRecord> records;
  auto it = filter.before_id.empty() ? data_.deployments.end()
                                     : data_.deployments.lower_bound(filter.before_id);
  while (it != data_.deployments.begin() && !Full(records.size(), filter.limit)) {
    --it;
    if (Matches(it->second->view(), filter)) records.push_back(Read(it->first));
  }
  return records;
}

absl::StatusOr<std::vector<std::string>> MemoryTxn::UnfinishedDeployments() {
  std::vector<std::string> ids;
  for (const auto& [id, record] : data_.deployments) {
    if (!core::IsTerminal(record->view().state())) ids.push_back(id);
  }
  return ids;
}

absl::StatusOr<std::optional<std::string>> MemoryTxn::FindRequest(absl::string_view request_id) {
  if (request_id.empty()) return std::nullopt;
  for (const auto& [id, record] : data_.deployments) {
    if (record->request_id() == request_id) return id;
  }
  return std::nullopt;
}

absl::StatusOr<std::vector<v1::Event>> MemoryTxn::ReadEvents(absl::string_view deployment_id,
                                                             int64_t after_sequence, int limit) {
  std::vector<v1::Event> events;
  for (auto it = data_.events.upper_bound({std::string(deployment_id), after_sequence});
       it != data_.events.end() && it->first.first == deployment_id; ++it) {
    if (Full(events.size(), limit)) break;
    events.push_back(*it->second);
  }
  return events;
}

absl::StatusOr<std::optional<state::v1::LockRecord>> MemoryTxn::GetLock(
    absl::string_view project, absl::string_view environment) {
  const auto it = data_.locks.find({std::string(project), std::string(environment)});
  if (it == data_.locks.end()) return std::nullopt;
  return *it->second;
}

absl::StatusOr<std::vector<state::v1::LockRecord>> MemoryTxn::ListLocks() {
  std::vector<state::v1::LockRecord> locks;
  for (const auto& [key, lock] : data_.locks) locks.push_back(*lock);
  return locks;
}

absl::StatusOr<std::vector<state::v1::ReleaseRecord>> MemoryTxn::ListReleases(
    absl::string_view project, absl::string_view environment, absl::string_view app, int limit) {
  std::vector<state::v1::ReleaseRecord> found;
  const auto it =
      data_.releases.find({std::string(project), std::string(environment), std::string(app)});
  if (it == data_.releases.end()) return found;
  for (auto release = it->second->rbegin(); release != it->second->rend(); ++release) {
    if (Full(found.size(), limit)) break;
    found.push_back(release->second);
  }
  return found;
}

absl::StatusOr<std::vector<state::v1::ReleaseRecord>> MemoryTxn::LiveReleases(
    absl::string_view project, absl::string_view environment) {
  std::vector<state::v1::ReleaseRecord> live;
  for (const auto& [key, releases] : data_.releases) {
    if (std::get<0>(key) != project || std::get<1>(key) != environment) continue;
    for (const auto& [number, release] : *releases) {
      if (release.view().live()) live.push_back(release);
    }
  }
  return live;
}

absl::StatusOr<state::v1::HostRecord> MemoryTxn::GetHost(absl::string_view name) {
  const auto it = data_.hosts.find(std::string(name));
  if (it == data_.hosts.end()) return NoSuchHost(name);
  return *it->second;
}

absl::StatusOr<std::vector<state::v1::HostRecord>> MemoryTxn::ListHosts() {
  std::vector<state::v1::HostRecord> hosts;
  for (const auto& [name, host] : data_.hosts) hosts.push_back(*host);
  return hosts;
}

absl::Status MemoryTxn::PutDeployment(const state::v1::DeploymentRecord& record) {
  if (record.view().steps_size() > 0) {
    return absl::InvalidArgumentError("A deployment's record has no steps in its view.");
  }
  const auto owner = FindRequest(record.request_id());
  if (owner->has_value() && **owner != record.view().id()) {
    return absl::AlreadyExistsError("Another deployment has that request id.");
  }
  Put(data_.deployments, record.view().id(), record);
  return absl::OkStatus();
}

absl::Status MemoryTxn::PutStep(absl::string_view deployment_id, int index,
                                const state::v1::StepRecord& step) {
  if (absl::Status status = RequireDeployment(deployment_id); !status.ok()) return status;
  Put(data_.steps, std::pair(std::string(deployment_id), index), step);
  return absl::OkStatus();
}

absl::Status MemoryTxn::AppendEvents(absl::Span<const v1::Event> events) {
  for (const v1::Event& event : events) {
    if (absl::Status status = RequireDeployment(event.deployment_id()); !status.ok()) return status;
    const std::pair<std::string, int64_t> key(event.deployment_id(), event.sequence());
    if (data_.events.count(key) > 0) {
      return absl::AlreadyExistsError(
          absl::StrCat("Event ", key.second, " of deployment ", key.first, " is there already."));
    }
    Put(data_.events, key, event);
  }
  return absl::OkStatus();
}

absl::Status MemoryTxn::PutLock(const state::v1::LockRecord& lock) {
  Put(data_.locks, std::pair(lock.project(), lock.environment()), lock);
  return absl::OkStatus();
}

absl::Status MemoryTxn::PutRelease(const state::v1::ReleaseRecord& release) {
  const v1::Release& view = release.view();
  const MemoryData::AppKey key(view.project(), view.environment(), view.app());
  std::map<int64_t, state::v1::ReleaseRecord> releases;
  if (const auto it = data_.releases.find(key); it != data_.releases.end()) releases = *it->second;
  if (view.live()) {
    for (auto& [number, other] : releases) other.mutable_view()->set_live(false);
  }
  releases[view.number()] = release;
  Put(data_.releases, key, releases);
  return absl::OkStatus();
}

absl::Status MemoryTxn::PutHost(const state::v1::HostRecord& host) {
  Put(data_.hosts, host.name(), host);
  return absl::OkStatus();
}

absl::Status MemoryTxn::RemoveHost(absl::string_view name) {
  const std::string key(name);
  if (data_.hosts.count(key) == 0) return NoSuchHost(name);
  Keep(data_.hosts, key);
  data_.hosts.erase(key);
  return absl::OkStatus();
}

}  // namespace davit::store
