#include <algorithm>

#include "absl/strings/str_cat.h"
#include "worker/docker/engine_impl.h"

namespace davit::docker {
namespace {

Topic NamedTopic(absl::string_view kind, absl::string_view name) {
  return {Operation::kOther, name.empty() ? "" : absl::StrCat(kind, " ", name)};
}

std::string VolumePath(absl::string_view name) {
  return absl::StrCat("/volumes/", UrlEscape(name));
}

Json LabelsJson(const std::map<std::string, std::string>& labels) {
  return labels.empty() ? Json::object() : Json(labels);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> Engine::ListNetworks(const Call& call) {
  const absl::StatusOr<Json> networks =
      impl_->Ask({"GET", "/networks"}, {Operation::kOther, "the networks"}, call);
  if (!networks.ok()) return networks.status();
  std::vector<std::string> names;
  for (const Json& network : *networks) names.push_back(StringAt(network, "Name"));
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<absl::Time> Engine::StartTime(const Call& call) {
  const absl::StatusOr<std::optional<Json>> bridge =
      impl_->AskIfThere({"GET", "/networks/bridge"}, NamedTopic("network", "bridge"), call);
  if (!bridge.ok()) return bridge.status();
  return bridge->has_value() ? TimeOf(StringAt(**bridge, "Created")) : absl::InfinitePast();
}

absl::Status Engine::CreateNetwork(absl::string_view name,
                                   const std::map<std::string, std::string>& labels,
                                   const Call& call) {
  const Json body = {
      {"Name", std::string(name)}, {"CheckDuplicate", true}, {"Labels", LabelsJson(labels)}};
  return impl_->Tell({"POST", "/networks/create", DumpJson(body)}, NamedTopic("network", name),
                     call);
}

absl::Status Engine::RemoveNetwork(absl::string_view name, const Call& call) {
  return impl_
      ->AskIfThere({"DELETE", absl::StrCat("/networks/", UrlEscape(name))},
                   NamedTopic("network", name), call)
      .status();
}

absl::StatusOr<std::map<std::string, std::string>> Engine::CreateVolume(
    absl::string_view name, const std::map<std::string, std::string>& labels, const Call& call) {
  const Json body = {{"Name", std::string(name)}, {"Labels", LabelsJson(labels)}};
  const auto topic = NamedTopic("volume", name);
  const absl::StatusOr<Json> volume =
      impl_->Ask({"POST", "/volumes/create", DumpJson(body)}, topic, call);
  if (!volume.ok()) return volume.status();
  // Of one that was there before the engine was started, the answer to that lacks the labels.
  const absl::StatusOr<Json> found = impl_->Ask({"GET", VolumePath(name)}, topic, call);
  if (!found.ok()) return found.status();
  return StringMapAt(*found, "Labels");
}

absl::StatusOr<bool> Engine::VolumeExists(absl::string_view name, const Call& call) {
  const absl::StatusOr<std::optional<Json>> volume =
      impl_->AskIfThere({"GET", VolumePath(name)}, NamedTopic("volume", name), call);
  if (!volume.ok()) return volume.status();
  return volume->has_value();
}

absl::Status Engine::RemoveVolume(absl::string_view name, const Call& call) {
  return impl_->AskIfThere({"DELETE", VolumePath(name)}, NamedTopic("volume", name), call).status();
}

}  // namespace davit::docker
