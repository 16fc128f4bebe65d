#include "controller/api/container_check.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

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

std::string ProblemOf(const ReleaseRecord& release, const ObservedContainer& container) {
  const std::string number = absl::StrCat(release.view().number());
  const auto label = container.labels().find("davit.release");
  if (label == container.labels().end() || label->second != number) {
    return absl::StrCat("the container is not of release v", number);
  }
  const std::string& image_id = release.view().image_id();
  if (!image_id.empty() && container.image_id() != image_id) {
    return absl::StrCat("the container runs another image than release v", number);
  }
  if (container.state() == "exited") {
    return absl::StrCat("the container has exited with code ", container.exit_code());
  }
  if (container.state() != "running") return absl::StrCat("the container is ", container.state());
  if (container.health() == "unhealthy") return "the container is unhealthy";
  return "";
}

}  // namespace

v1::AppStatus AppStatusOf(const ReleaseRecord& release, const std::string& host,
                          const absl::StatusOr<GetHostResponse>& answer) {
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
  if (container == nullptr) {
    status.set_container_state("missing");
    status.set_problem(absl::StrCat("there is no container ", status.container()));
    return status;
  }
  status.set_container_state(container->state());
  status.set_health(container->health());
  if (container->has_start_time()) *status.mutable_start_time() = container->start_time();
  status.set_problem(ProblemOf(release, *container));
  return status;
}

}  // namespace davit::api
