#include "controller/fleet/fleet.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "controller/fleet/host_status.h"

namespace davit::fleet {
namespace {

// For finding out why a host is away, on top of waiting for it.
constexpr absl::Duration kExplanation = absl::Seconds(3);

// Why the host cannot be deployed to; nullopt when it can.
std::optional<v1::Failure> ProblemOf(const std::string& host, const HostMonitor& monitor,
                                     absl::Time deadline) {
  if (monitor.AwaitSettled(deadline).state == v1::Host::ONLINE) return std::nullopt;
  const HostCondition condition = monitor.Explained(absl::Now() + kExplanation);
  if (condition.state == v1::Host::ONLINE) return std::nullopt;
  if (condition.problem) return condition.problem;
  return FailureOf(HostUnreachable(host, "it has not been heard of yet"));
}

absl::Status Together(const std::map<std::string, v1::Failure>& problems) {
  if (problems.empty()) return absl::OkStatus();
  const v1::Failure& first = problems.begin()->second;
  if (problems.size() == 1) return FailureStatus(first);
  v1::Failure failure = MakeFailure(
      first.code(), absl::StrCat(problems.size(), " hosts cannot be deployed to: ",
                                 absl::StrJoin(problems, ", ", [](std::string* out, const auto& p) {
                                   out->append(p.first);
                                 })));
  for (const auto& [host, problem] : problems) {
    failure.add_evidence(absl::StrCat(host, ": ", problem.message()));
    for (const std::string& fact : problem.evidence()) {
      failure.add_evidence(absl::StrCat(host, ": ", fact));
    }
  }
  return FailureStatus(failure);
}

}  // namespace

Fleet::Fleet(Dial dial) : dial_(std::move(dial)) {}

absl::StatusOr<HostLink> Fleet::Connect(const std::string& host, const std::string& address) const {
  return dial_(host, address);
}

void Fleet::Add(const std::string& host, HostLink link) {
  Host added{reaper_.Share(std::move(link.client)), std::move(link.monitor)};
  absl::MutexLock lock(&mutex_);
  std::swap(hosts_[host], added);  // the one before ends outside the lock
}

absl::Status Fleet::Add(const std::string& host, const std::string& address) {
  absl::StatusOr<HostLink> link = Connect(host, address);
  if (!link.ok()) return link.status();
  Add(host, *std::move(link));
  return absl::OkStatus();
}

void Fleet::Remove(const std::string& host) {
  Host removed;  // ends outside the lock
  absl::MutexLock lock(&mutex_);
  const auto found = hosts_.find(host);
  if (found == hosts_.end()) return;
  removed = std::move(found->second);
  hosts_.erase(found);
}

absl::StatusOr<std::shared_ptr<WorkerClient>> Fleet::Find(absl::string_view host) const {
  absl::MutexLock lock(&mutex_);
  const auto found = hosts_.find(host);
  if (found != hosts_.end()) return found->second.client;
  return FailureStatus(v1::HOST_UNKNOWN, absl::StrCat("the controller knows no host named ", host),
                       {hosts_.empty() ? "it knows no host at all"
                                       : absl::StrCat("it knows: ", absl::StrJoin(Names(), ", "))});
}

std::vector<std::string> Fleet::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, host] : hosts_) names.push_back(name);
  return names;
}

std::vector<std::string> Fleet::Hosts() const {
  absl::MutexLock lock(&mutex_);
  return Names();
}

std::shared_ptr<HostMonitor> Fleet::Monitor(absl::string_view host) const {
  absl::MutexLock lock(&mutex_);
  const auto found = hosts_.find(host);
  return found == hosts_.end() ? nullptr : found->second.monitor;
}

HostCondition Fleet::Condition(absl::string_view host) const {
  if (const auto monitor = Monitor(host); monitor != nullptr) return monitor->Condition();
  HostCondition condition;
  if (Find(host).ok()) condition.state = v1::Host::ONLINE;
  return condition;
}

absl::Status Fleet::CheckReady(const std::vector<std::string>& hosts, absl::Time deadline) const {
  std::map<std::string, v1::Failure> problems;
  for (const std::string& host : hosts) {
    if (const auto worker = Find(host); !worker.ok()) return worker.status();
  }
  for (const std::string& host : hosts) {
    const auto monitor = Monitor(host);
    if (monitor == nullptr) continue;
    if (auto problem = ProblemOf(host, *monitor, deadline)) problems[host] = *std::move(problem);
  }
  return Together(problems);
}

}  // namespace davit::fleet
