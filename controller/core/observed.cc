#include "controller/core/observed.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "controller/core/names.h"
#include "controller/core/occupied.h"

namespace davit::core {
namespace {

using worker::v1::ObservedContainer;

bool IsUpIn(absl::string_view state) {
  return state == "running" || state == "restarting" || state == "paused";
}

bool IsDavits(const ObservedContainer& container) { return !LabelOf(container, kAppLabel).empty(); }

// Where a check or a build runs for a while: it is no app's, whoever asks for it.
bool IsAtWorkForDavit(const ObservedContainer& container) {
  if (IsDavits(container)) return false;
  return std::any_of(container.labels().begin(), container.labels().end(),
                     [](const auto& label) { return absl::StartsWith(label.first, kLabelPrefix); });
}

bool BelongsTo(const ObservedContainer& container, const v1::Release& release) {
  return LabelOf(container, kProjectLabel) == release.project() &&
         LabelOf(container, kEnvironmentLabel) == release.environment() &&
         LabelOf(container, kAppLabel) == release.app();
}

// Whatever is stopped must be possible to put back, unless it was named as one to replace.
absl::Status CheckServing(const ObservedContainer& container, const v1::Release& release,
                          const std::string& adopted) {
  if (IsDavits(container) && !BelongsTo(container, release)) {
    return BelongsToAnother(container, release);
  }
  if (IsAtWorkForDavit(container)) return AtWorkForDavit(container, release);
  if (container.auto_remove() && container.name() != adopted) {
    return GoneOnceStopped(container);
  }
  return absl::OkStatus();
}

const worker::v1::ContainerSpec* RecordOf(const state::v1::DeploymentRecord& record,
                                          const v1::Release& release, int64_t number) {
  const auto previous = record.previous().find(release.app());
  if (previous == record.previous().end() || !previous->second.has_container()) return nullptr;
  return previous->second.view().number() == number ? &previous->second.container() : nullptr;
}

// Labels alone do not make a container ours: a copy made with `docker commit` has
// them too. Ours has a name that a deployment gave it.
bool HasNameOfOurs(const state::v1::DeploymentRecord& record, const v1::Release& release,
                   const std::string& service_name, const std::string& name) {
  if (absl::StartsWith(StepOfCandidate(name), "d-")) return true;
  const auto previous = record.previous().find(release.app());
  const std::string& before = previous == record.previous().end()
                                  ? service_name
                                  : previous->second.container().service_name();
  return name == before || absl::StartsWith(name, ReplacedName(before, "d-")) ||
         absl::StartsWith(name, ReplacedName(service_name, "d-"));
}

bool Overlap(const worker::v1::PortBinding& wanted, const worker::v1::PortBinding& held) {
  const auto anywhere = [](const std::string& ip) {
    return ip.empty() || ip == "0.0.0.0" || ip == "::";
  };
  return wanted.host_port() > 0 && wanted.host_port() == held.host_port() &&
         wanted.protocol() == held.protocol() &&
         (anywhere(wanted.host_ip()) || anywhere(held.host_ip()) ||
          wanted.host_ip() == held.host_ip());
}

bool HoldsPortOf(const worker::v1::ContainerSpec& spec, const ObservedContainer& container) {
  // Whose a container of Davit's is, preflight says.
  if (IsDavits(container) || !IsUp(container)) return false;
  for (const worker::v1::PortBinding& wanted : spec.ports()) {
    for (const worker::v1::PortBinding& held : container.ports()) {
      if (Overlap(wanted, held)) return true;
    }
  }
  return false;
}

// Whether an app of this deployment, be it another one, stops it first.
bool IsReplaced(const state::v1::DeploymentRecord& record, const ObservedContainer& container) {
  for (const v1::Release& release : record.view().releases()) {
    if (container.name() == ServiceName(record.request().spec(), release.app())) return true;
    if (container.name() == AdoptedName(record, release.app())) return true;
  }
  return false;
}

Occupants BlockedBy(const ObservedContainer& container, absl::Status problem) {
  Occupants occupants;
  occupants.serving = &container;
  occupants.problem = std::move(problem);
  return occupants;
}

}  // namespace

absl::string_view LabelOf(const ObservedContainer& container, const char* label) {
  const auto found = container.labels().find(label);
  return found == container.labels().end() ? absl::string_view() : found->second;
}

int64_t ReleaseOf(const ObservedContainer& container) {
  int64_t number = 0;
  return absl::SimpleAtoi(LabelOf(container, kReleaseLabel), &number) ? number : 0;
}

bool IsUp(const ObservedContainer& container) { return IsUpIn(container.state()); }

bool IsUp(const v1::HostApp& container) { return IsUpIn(container.state()); }

std::string AdoptedName(const state::v1::DeploymentRecord& record, const std::string& app) {
  const auto found = record.request().adopt().find(app);
  return found == record.request().adopt().end() ? std::string() : found->second;
}

Occupants FindOccupants(const state::v1::DeploymentRecord& record, const v1::Release& release,
                        const worker::v1::ContainerSpec& spec,
                        const worker::v1::HostObservation& host) {
  const std::string& service_name = spec.service_name();
  const std::string adopted_name = AdoptedName(record, release.app());
  const ObservedContainer* adopted = nullptr;
  Occupants occupants;
  for (const ObservedContainer& container : host.containers()) {
    if (container.name() == service_name) {
      absl::Status status = CheckServing(container, release, adopted_name);
      if (!status.ok()) return BlockedBy(container, std::move(status));
      occupants.serving = &container;
      if (!BelongsTo(container, release)) continue;
      occupants.serving_release = ReleaseOf(container);
      occupants.serving_record = RecordOf(record, release, occupants.serving_release);
    } else if (BelongsTo(container, release) &&
               HasNameOfOurs(record, release, service_name, container.name())) {
      occupants.leftovers.push_back(&container);
    } else if (container.name() == adopted_name) {
      absl::Status status = CheckServing(container, release, adopted_name);
      if (!status.ok()) return BlockedBy(container, std::move(status));
      adopted = &container;
    } else if (HoldsPortOf(spec, container) && !IsReplaced(record, container)) {
      return BlockedBy(container, HoldsPort(container, release));
    }
  }
  if (adopted == nullptr) return occupants;
  if (occupants.serving != nullptr) {
    return BlockedBy(*occupants.serving, TwoToReplace(*occupants.serving, *adopted, release));
  }
  occupants.serving = adopted;
  return occupants;
}

}  // namespace davit::core
