#include "controller/fleet/fleet.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "controller/fleet/host_status.h"

namespace davit::fleet {
namespace {

// For finding out why hosts are away, on top of waiting for them; and of how many: the
// first few show what is wrong, and each takes its time.
constexpr absl::Duration kExplanation = absl::Seconds(3);
constexpr int kExplained = 3;

v1::Failure ProblemOf(const std::string& host, const HostCondition& condition) {
  if (condition.problem) return *condition.problem;
  return FailureOf(HostUnreachable(host, "it has not been heard of yet"));
}

absl::Status UnknownHost(absl::string_view host, const std::vector<std::string>& names) {
  v1::Failure failure =
      MakeFailure(v1::HOST_UNKNOWN, absl::StrCat("the controller knows no host named ", host),
                  {names.empty() ? "it knows no host at all"
                                 : absl::StrCat("it knows: ", absl::StrJoin(names, ", "))});
  const bool is_local = host == "local";  // the name that a new davit.yaml has
  if (is_local) failure.set_likely_cause("this davit.yaml is still one for local mode");
  failure.set_next_command(absl::StrCat(
      "name a host of the controller under `hosts` in davit.yaml; take one up with `davit hosts "
      "add ",
      is_local ? "NAME" : host, " ADDRESS`",
      is_local ? "; or deploy to this machine, without a controller, with `--local`" : ""));
  return FailureStatus(failure);
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
  failure.set_likely_cause(first.likely_cause());
  for (const auto& [host, problem] : problems) {
    failure.add_evidence(absl::StrCat(host, ": ", problem.message()));
    for (const std::string& fact : problem.evidence()) {
      failure.add_evidence(absl::StrCat(host, ": ", fact));
    }
    // What is true of one of them only is no advice for all.
    if (problem.likely_cause() != first.likely_cause()) failure.clear_likely_cause();
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
  return UnknownHost(host, Names());
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
  std::map<std::string, std::shared_ptr<HostMonitor>> monitors;
  for (const std::string& host : hosts) {
    if (auto monitor = Monitor(host)) monitors.emplace(host, std::move(monitor));
  }
  for (const auto& [host, monitor] : monitors) monitor->Hurry();
  std::erase_if(monitors, [deadline](const auto& entry) {
    return entry.second->AwaitSettled(deadline).state == v1::Host::ONLINE;
  });
  const absl::Time explained_by = absl::Now() + kExplanation;
  int explained = 0;
  for (const auto& [host, monitor] : monitors) {
    const HostCondition condition =
        explained++ < kExplained ? monitor->Explained(explained_by) : monitor->Condition();
    if (condition.state != v1::Host::ONLINE) problems[host] = ProblemOf(host, condition);
  }
  return Together(problems);
}

}  // namespace davit::fleet
