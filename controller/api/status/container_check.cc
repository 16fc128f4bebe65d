#include "controller/api/status/container_check.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/names.h"
#include "controller/core/observed.h"

namespace davit::api {
namespace {

using state::v1::ReleaseRecord;
using worker::v1::GetHostResponse;
using worker::v1::ObservedContainer;

// Why nothing is known; empty when the host and its engine answered.
std::string WhyUnknown(const absl::StatusOr<GetHostResponse>& answer) {
  if (!answer.ok()) return FailureOf(answer.status()).message();
  if (answer->has_docker_failure()) return answer->docker_failure().message();
  return "";
}

const ObservedContainer* FindContainer(const GetHostResponse& host, const std::string& name) {
  for (const ObservedContainer& container : host.containers()) {
    if (container.name() == name) return &container;
  }
  return nullptr;
}

std::string StateInWords(const ObservedContainer& container) {
  if (container.state() == "exited") {
    return absl::StrCat("has exited with code ", container.exit_code());
  }
  return absl::StrCat("is ", container.state());
}

// The container with the name that serves is of another release.
std::string OtherRelease(int64_t recorded, const ObservedContainer& container) {
  const int64_t number = core::ReleaseOf(container);
  const std::string what =
      number == 0 ? std::string("a container that is not of Davit") : absl::StrCat("v", number);
  return absl::StrCat(what, " ", core::IsUp(container) ? "runs" : StateInWords(container),
                      ", the records say v", recorded);
}

std::string ProblemOf(const ReleaseRecord& release, const ObservedContainer& container) {
  const int64_t number = release.view().number();
  if (core::ReleaseOf(container) != number) return OtherRelease(number, container);
  const std::string& image_id = release.view().image_id();
  if (!image_id.empty() && container.image_id() != image_id) {
    return absl::StrCat("the container runs another image than release v", number);
  }
  if (container.state() != "running") {
    return absl::StrCat("the container ", StateInWords(container));
  }
  if (container.health() == "unhealthy") return "the container is unhealthy";
  return "";
}

// What of the app runs beside the container with the name that serves.
std::string RunningBeside(const ReleaseRecord& release, const GetHostResponse& host) {
  std::vector<std::string> others;
  for (const ObservedContainer& container : host.containers()) {
    if (container.name() == release.container().service_name() || !core::IsUp(container) ||
        core::LabelOf(container, core::kAppLabel) != release.view().app()) {
      continue;
    }
    others.push_back(
        absl::StrCat("v", core::ReleaseOf(container), " runs as container ", container.name()));
  }
  return absl::StrJoin(others, ", ");
}

std::string Together(const std::string& first, const std::string& second) {
  return absl::StrCat(first, first.empty() || second.empty() ? "" : "; ", second);
}

// Instead of a problem: that the old container is stopped is how it should be.
std::string BeingReplaced(const Replacement& replacement, const ObservedContainer* container) {
  if (replacement.number == 0) {
    return absl::StrCat("deployment ", replacement.deployment_id,
                        " restores its database, and puts it back after that");
  }
  const bool serves = container != nullptr && core::IsUp(*container) &&
                      core::ReleaseOf(*container) == replacement.number;
  return absl::StrCat("deployment ", replacement.deployment_id,
                      serves ? " has replaced it with v" : " is replacing it with v",
                      replacement.number, serves ? " and is not over yet" : "");
}

}  // namespace

v1::AppStatus AppStatusOf(const ReleaseRecord& release, const std::string& host,
                          const absl::StatusOr<GetHostResponse>& answer,
                          const std::optional<Replacement>& replacement) {
  v1::AppStatus status;
  status.set_app(release.view().app());
  status.set_host(host);
  *status.mutable_release() = release.view();
  status.set_container(release.container().service_name());
  if (std::string why = WhyUnknown(answer); !why.empty()) {
    status.set_container_state("unknown");
    status.set_problem(std::move(why));
    return status;
  }
  const ObservedContainer* container = FindContainer(*answer, status.container());
  std::string problem = absl::StrCat("there is no container ", status.container());
  status.set_container_state("missing");
  if (container != nullptr) {
    status.set_container_state(container->state());
    status.set_health(container->health());
    if (container->has_start_time()) *status.mutable_start_time() = container->start_time();
    problem = ProblemOf(release, *container);
  }
  if (replacement) {
    if (!problem.empty()) status.set_problem(BeingReplaced(*replacement, container));
  } else {
    status.set_problem(Together(problem, RunningBeside(release, *answer)));
  }
  return status;
}

}  // namespace davit::api
