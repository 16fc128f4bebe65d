#include "controller/core/observed.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/core/names.h"

namespace davit::core {
namespace {

using worker::v1::ObservedContainer;

bool IsUpIn(absl::string_view state) {
  return state == "running" || state == "restarting" || state == "paused";
}

bool IsDavits(const ObservedContainer& container) { return !LabelOf(container, kAppLabel).empty(); }

bool BelongsTo(const ObservedContainer& container, const v1::Release& release) {
  return LabelOf(container, kProjectLabel) == release.project() &&
         LabelOf(container, kEnvironmentLabel) == release.environment() &&
         LabelOf(container, kAppLabel) == release.app();
}

std::string OtherName(const v1::Release& release) {
  return absl::StrCat(release.project(), "-", release.environment(), "-", release.app());
}

// Serves another app, or the same one in another environment: it must not be touched.
absl::Status BelongsToAnother(const ObservedContainer& container, const v1::Release& release) {
  const absl::string_view app = LabelOf(container, kAppLabel);
  const absl::string_view project = LabelOf(container, kProjectLabel);
  const absl::string_view environment = LabelOf(container, kEnvironmentLabel);
  v1::Failure failure =
      MakeFailure(v1::NAME_IN_USE,
                  absl::StrCat("the name ", container.name(), " belongs to ", app, " of project ",
                               project, ", environment ", environment),
                  {absl::StrCat("container ", container.id(), " (", container.state(), ")")});
  const std::string path = absl::StrCat("environments.", release.environment(), ".apps.",
                                        release.app(), ".container.name");
  if (project == release.project() && environment == release.environment()) {
    failure.set_likely_cause(
        absl::StrCat(release.app(), " has the container name that ", app, " has or had"));
    failure.set_next_command(
        absl::StrCat("give ", release.app(), " another name with `", path, "`; or, when ", app,
                     " is needed no more, run `docker rm -f ", container.name(), "` on the host"));
  } else {
    const bool default_name =
        container.name() == absl::StrCat(release.project(), "-", release.app());
    failure.set_likely_cause(
        absl::StrCat(default_name ? "the default name, <project>-<app>, is the same in every "
                                    "environment"
                                  : "both have this container name",
                     ", and both are on this host"));
    failure.set_next_command(absl::StrCat("give this one a name of its own in davit.yaml: `", path,
                                          ": ", OtherName(release), "`"));
  }
  return FailureStatus(failure);
}

// Whatever is stopped must be possible to put back.
absl::Status CheckServing(const ObservedContainer& container, const v1::Release& release) {
  if (IsDavits(container) && !BelongsTo(container, release)) {
    return BelongsToAnother(container, release);
  }
  if (container.auto_remove()) {
    v1::Failure failure = MakeFailure(
        v1::NAME_IN_USE,
        absl::StrCat("the container ", container.name(),
                     " was started with --rm: once stopped it would be gone, and could not be put "
                     "back"),
        {absl::StrCat("container ", container.id())});
    failure.set_likely_cause("it was started by hand");
    failure.set_next_command(absl::StrCat("docker stop ", container.name()));
    return FailureStatus(failure);
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

absl::StatusOr<Occupants> FindOccupants(const state::v1::DeploymentRecord& record,
                                        const v1::Release& release,
                                        const worker::v1::HostObservation& host) {
  const std::string service_name = ServiceName(record.request().spec(), release.app());
  Occupants occupants;
  for (const ObservedContainer& container : host.containers()) {
    if (container.name() == service_name) {
      if (absl::Status status = CheckServing(container, release); !status.ok()) return status;
      occupants.serving = &container;
      if (!BelongsTo(container, release)) continue;
      occupants.serving_release = ReleaseOf(container);
      occupants.serving_record = RecordOf(record, release, occupants.serving_release);
    } else if (BelongsTo(container, release) &&
               HasNameOfOurs(record, release, service_name, container.name())) {
      occupants.leftovers.push_back(&container);
    }
  }
  return occupants;
}

}  // namespace davit::core
