#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "worker/docker/auth_header.h"
#include "worker/docker/engine_impl.h"
#include "worker/docker/pull_stream.h"

namespace davit::docker {
namespace {

Topic ImageTopic(absl::string_view reference) {
  return {Operation::kImage, std::string(reference)};
}

Topic RegistryTopic(absl::string_view reference) {
  return {Operation::kRegistry, std::string(reference)};
}

// Without a tag the engine would pull all of them.
std::string WithTag(absl::string_view reference) {
  const size_t name = reference.rfind('/') == reference.npos ? 0 : reference.rfind('/');
  const bool has_tag = reference.find_first_of(":@", name) != reference.npos;
  return absl::StrCat(reference, has_tag ? "" : ":latest");
}

std::string Platform(const Json& platform) {
  const std::string variant = StringAt(platform, "variant");
  return absl::StrCat(StringAt(platform, "os"), "/", StringAt(platform, "architecture"),
                      variant.empty() ? "" : "/", variant);
}

ImageDetails ImageDetailsOf(const Json& json) {
  const Json& config = At(json, "Config");
  const std::vector<std::string> test = StringsAt(At(config, "Healthcheck"), "Test");
  ImageDetails details;
  details.id = StringAt(json, "Id");
  details.tags = StringsAt(json, "RepoTags");
  details.digests = StringsAt(json, "RepoDigests");
  details.os = StringAt(json, "Os");
  details.architecture = StringAt(json, "Architecture");
  details.user = StringAt(config, "User");
  details.env = StringsAt(config, "Env");
  std::sort(details.env.begin(), details.env.end());
  details.command = StringsAt(config, "Cmd");
  details.entrypoint = StringsAt(config, "Entrypoint");
  details.has_healthcheck = !test.empty() && test.front() != "NONE";
  details.size_bytes = IntAt(json, "Size");
  return details;
}

}  // namespace

absl::StatusOr<ImageDetails> Engine::InspectImage(absl::string_view reference, const Call& call) {
  const absl::StatusOr<Json> json =
      impl_->Ask({"GET", ImagePath(reference, "/json")}, ImageTopic(reference), call);
  if (!json.ok()) return json.status();
  return ImageDetailsOf(*json);
}

absl::Status Engine::PullImage(absl::string_view reference, const std::optional<RegistryAuth>& auth,
                               const Call& call,
                               absl::FunctionRef<void(const PullProgress&)> progress) {
  const Topic topic = RegistryTopic(reference);
  const std::string path = absl::StrCat("/images/create?fromImage=", UrlEscape(WithTag(reference)));
  PullStream stream(topic);
  const absl::Status status =
      impl_->Stream({"POST", path, "", AuthHeader(auth)}, topic, call, [&](absl::string_view data) {
        stream.Feed(data, progress);
        return true;
      });
  return status.ok() ? stream.Finish() : status;
}

absl::StatusOr<DistributionInfo> Engine::InspectDistribution(
    absl::string_view reference, const std::optional<RegistryAuth>& auth, const Call& call) {
  const std::string path =
      absl::StrCat("/distribution/", UrlEscape(reference, /*keep_slash=*/true), "/json");
  const absl::StatusOr<Json> json =
      impl_->Ask({"GET", path, "", AuthHeader(auth)}, RegistryTopic(reference), call);
  if (!json.ok()) return json.status();
  DistributionInfo info;
  info.digest = StringAt(At(*json, "Descriptor"), "digest");
  for (const Json& platform : At(*json, "Platforms")) info.platforms.push_back(Platform(platform));
  return info;
}

absl::Status Engine::TagImage(absl::string_view image, absl::string_view repository,
                              absl::string_view tag, const Call& call) {
  const std::string suffix =
      absl::StrCat("/tag?repo=", UrlEscape(repository), "&tag=", UrlEscape(tag));
  return impl_->Tell({"POST", ImagePath(image, suffix)}, ImageTopic(image), call);
}

absl::Status Engine::RemoveImage(absl::string_view reference, const Call& call) {
  const absl::Status status =
      impl_->Tell({"DELETE", ImagePath(reference, "")}, ImageTopic(reference), call);
  return IsFailure(status, v1::IMAGE_NOT_FOUND) ? absl::OkStatus() : status;
}

absl::StatusOr<std::vector<std::string>> Engine::ListTags(absl::string_view repository,
                                                          const Call& call) {
  const std::string path =
      absl::StrCat("/images/json?filters=", Filters("reference", {std::string(repository)}));
  const absl::StatusOr<Json> images = impl_->Ask({"GET", path}, ImageTopic(repository), call);
  if (!images.ok()) return images.status();
  std::vector<std::string> tags;
  for (const Json& image : *images) {
    for (std::string& tag : StringsAt(image, "RepoTags")) {
      if (absl::StartsWith(tag, absl::StrCat(repository, ":"))) tags.push_back(std::move(tag));
    }
  }
  std::sort(tags.begin(), tags.end());
  return tags;
}

}  // namespace davit::docker
