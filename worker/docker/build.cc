#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/failure/failure.h"
#include "worker/docker/auth_header.h"
#include "worker/docker/build_stream.h"
#include "worker/docker/engine_impl.h"

namespace davit::docker {
namespace {

std::string BuildPath(const BuildOptions& options) {
  // Containers of the build go also when it fails.
  std::string path =
      absl::StrCat("/build?rm=1&forcerm=1&dockerfile=", UrlEscape(options.dockerfile));
  const auto add = [&path](absl::string_view name, const std::map<std::string, std::string>& map) {
    if (!map.empty()) absl::StrAppend(&path, "&", name, "=", UrlEscape(DumpJson(Json(map))));
  };
  add("buildargs", options.args);
  add("labels", options.labels);
  if (!options.target.empty()) absl::StrAppend(&path, "&target=", UrlEscape(options.target));
  return path;
}

// The engine's own words of a request that it refuses before the build begins.
absl::Status RefusedBuild(const absl::Status& status) {
  if (!IsFailure(status, v1::DOCKER_ERROR)) return status;
  const v1::Failure failure = FailureOf(status);
  absl::string_view said = failure.evidence_size() > 0 ? failure.evidence(0) : failure.message();
  absl::ConsumePrefix(&said, "Docker: ");
  return BuildError("", said);
}

}  // namespace

absl::StatusOr<std::string> Engine::BuildImage(const BuildOptions& options,
                                               const TarSource& context, const Call& call,
                                               absl::FunctionRef<void(absl::string_view)> output) {
  HttpRequest request{"POST", BuildPath(options)};
  request.upload = context;
  request.registry_config = ConfigHeader(options.logins);
  BuildStream stream;
  const absl::Status status =
      impl_->Stream(request, {Operation::kOther, "the build"}, call, [&](absl::string_view data) {
        stream.Feed(data, output);
        return true;
      });
  return status.ok() ? stream.Finish(output) : RefusedBuild(status);
}

absl::Status Engine::DropImage(absl::string_view reference, const Call& call) {
  const absl::Status status = impl_->Tell({"DELETE", ImagePath(reference, "?noprune=1")},
                                          {Operation::kImage, std::string(reference)}, call);
  return IsFailure(status, v1::IMAGE_NOT_FOUND) ? absl::OkStatus() : status;
}

absl::Status Engine::RemoveWithVolumes(absl::string_view container) {
  return impl_->RemoveLeftover(container);
}

}  // namespace davit::docker
