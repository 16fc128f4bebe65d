#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "worker/docker/container_json.h"
#include "worker/docker/engine_impl.h"
#include "worker/docker/restart_policy.h"

namespace davit::docker {
namespace {

using worker::v1::ContainerSpec;
using worker::v1::ObservedContainer;

constexpr absl::Duration kRemovalPollInterval = absl::Milliseconds(100);
constexpr absl::Duration kCleanUpTimeout = absl::Seconds(20);

Topic ContainerTopic(absl::string_view container) {
  return {Operation::kContainer, std::string(container)};
}

}  // namespace

absl::StatusOr<std::vector<ObservedContainer>> Engine::ListContainers(
    const std::map<std::string, std::string>& labels, const Call& call) {
  std::vector<std::string> filters;
  for (const auto& [name, value] : labels) filters.push_back(absl::StrCat(name, "=", value));
  const std::string path =
      absl::StrCat("/containers/json?all=1&filters=", Filters("label", filters));
  const absl::StatusOr<Json> list =
      impl_->Ask({"GET", path}, {Operation::kOther, "the containers"}, call);
  if (!list.ok()) return list.status();
  std::vector<ObservedContainer> containers;
  for (const Json& entry : *list) {
    absl::StatusOr<ContainerDetails> details = InspectContainer(StringAt(entry, "Id"), call);
    // It may have gone since the list was made.
    if (IsFailure(details.status(), v1::CONTAINER_GONE)) continue;
    if (!details.ok()) return details.status();
    containers.push_back(std::move(details->observed));
  }
  std::sort(containers.begin(), containers.end(),
            [](const auto& a, const auto& b) { return a.name() < b.name(); });
  return containers;
}

absl::StatusOr<std::vector<ContainerSummary>> Engine::ListSummaries(absl::string_view label,
                                                                    const Call& call) {
  const std::string path =
      absl::StrCat("/containers/json?all=1&filters=", Filters("label", {std::string(label)}));
  const absl::StatusOr<Json> list =
      impl_->Ask({"GET", path}, {Operation::kOther, "the containers"}, call);
  if (!list.ok()) return list.status();
  std::vector<ContainerSummary> containers;
  for (const Json& entry : *list) containers.push_back(ContainerSummaryOf(entry));
  std::sort(containers.begin(), containers.end());
  return containers;
}

absl::StatusOr<ContainerDetails> Engine::InspectContainer(absl::string_view container,
                                                          const Call& call) {
  const absl::StatusOr<Json> json =
      impl_->Ask({"GET", ContainerPath(container, "/json")}, ContainerTopic(container), call);
  if (!json.ok()) return json.status();
  return ContainerDetailsOf(*json);
}

absl::StatusOr<std::string> Engine::CreateContainer(absl::string_view name,
                                                    const ContainerSpec& spec,
                                                    absl::string_view restart_policy,
                                                    const Call& call) {
  const absl::StatusOr<Json> body = CreateContainerJson(spec, restart_policy);
  if (!body.ok()) return body.status();
  const Topic topic{Operation::kCreate,
                    spec.service_name().empty() ? std::string(name) : spec.service_name()};
  const absl::StatusOr<Json> created = impl_->Ask(
      {"POST", absl::StrCat("/containers/create?name=", UrlEscape(name)), DumpJson(*body)}, topic,
      call);
  if (!created.ok()) return created.status();
  std::string id = StringAt(*created, "Id");
  for (int i = 1; i < spec.networks_size(); ++i) {
    const Json join = {{"Container", id}, {"EndpointConfig", EndpointJson(spec, spec.networks(i))}};
    const std::string path = absl::StrCat("/networks/", UrlEscape(spec.networks(i)), "/connect");
    if (absl::Status status = impl_->Tell({"POST", path, DumpJson(join)}, topic, call);
        !status.ok()) {
      impl_->RemoveLeftover(id).IgnoreError();
      return status;
    }
  }
  return id;
}

absl::Status Engine::StartContainer(absl::string_view container, const Call& call,
                                    absl::string_view called) {
  return impl_->Tell({"POST", ContainerPath(container, "/start")},
                     {Operation::kStart, std::string(called.empty() ? container : called)}, call);
}

absl::Status Engine::StopContainer(absl::string_view container, absl::Duration grace,
                                   const Call& call) {
  const int64_t seconds =
      std::max<int64_t>(0, absl::ToInt64Seconds(absl::Ceil(grace, absl::Seconds(1))));
  return impl_->Tell({"POST", ContainerPath(container, absl::StrCat("/stop?t=", seconds))},
                     ContainerTopic(container), call);
}

absl::Status Engine::KillContainer(absl::string_view container, const Call& call) {
  const absl::Status status =
      impl_->Tell({"POST", ContainerPath(container, "/kill")}, ContainerTopic(container), call);
  return EngineSays(status, "is not running") ? absl::OkStatus() : status;
}

absl::Status Engine::RemoveContainer(absl::string_view container, const Call& call) {
  // A volume without a name stays: nobody has said that its data may go.
  return impl_->Remove(container, /*with_volumes=*/false, call);
}

absl::Status Engine::Impl::Remove(absl::string_view container, bool with_volumes,
                                  const Call& call) {
  const absl::string_view suffix = with_volumes ? "?force=1&v=1" : "?force=1";
  const HttpRequest request{"DELETE", ContainerPath(container, suffix)};
  while (true) {
    const absl::Status status = Tell(request, ContainerTopic(container), call);
    if (IsFailure(status, v1::CONTAINER_GONE)) return absl::OkStatus();
    if (!EngineSays(status, "is already in progress")) return status;
    if (absl::Status wait = call.Wait(kRemovalPollInterval); !wait.ok()) return wait;
  }
}

absl::Status Engine::Impl::RemoveLeftover(absl::string_view container) {
  return Remove(container, /*with_volumes=*/true,
                Call{.steady_deadline = SteadyNow() + kCleanUpTimeout});
}

absl::Status Engine::RenameContainer(absl::string_view container, absl::string_view name,
                                     const Call& call) {
  const std::string suffix = absl::StrCat("/rename?name=", UrlEscape(name));
  return impl_->Tell({"POST", ContainerPath(container, suffix)}, ContainerTopic(container), call);
}

absl::Status Engine::SetRestartPolicy(absl::string_view container, absl::string_view policy,
                                      const Call& call) {
  const absl::StatusOr<Json> json = RestartPolicyJson(policy);
  if (!json.ok()) return json.status();
  return impl_->Tell(
      {"POST", ContainerPath(container, "/update"), DumpJson(Json{{"RestartPolicy", *json}})},
      ContainerTopic(container), call);
}

}  // namespace davit::docker
