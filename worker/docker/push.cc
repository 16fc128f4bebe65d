#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/failure/failure.h"
#include "worker/docker/auth_header.h"
#include "worker/docker/engine_impl.h"
#include "worker/docker/push_stream.h"

namespace davit::docker {
namespace {

// The engine insists on the header also where nobody logs in: an empty object.
constexpr char kNobody[] = "e30=";

absl::Status RefusedPush(const std::string& reference, const absl::Status& status) {
  if (!IsFailure(status, v1::DOCKER_ERROR)) return status;
  const v1::Failure failure = FailureOf(status);
  absl::string_view said = failure.evidence_size() > 0 ? failure.evidence(0) : failure.message();
  absl::ConsumePrefix(&said, "Docker: ");
  return PushError(reference, said);
}

}  // namespace

absl::StatusOr<std::string> Engine::PushImage(
    absl::string_view reference, const std::optional<RegistryAuth>& auth, const Call& call,
    absl::FunctionRef<void(const PullProgress&)> progress) {
  const std::string whole(reference);
  const size_t colon = whole.rfind(':');
  if (colon == std::string::npos) {
    return FailureStatus(v1::INTERNAL, absl::StrCat(whole, " has no tag to push"));
  }
  HttpRequest request{"POST",
                      ImagePath(whole.substr(0, colon),
                                absl::StrCat("/push?tag=", UrlEscape(whole.substr(colon + 1))))};
  request.registry_auth = auth.has_value() ? AuthHeader(auth) : kNobody;
  PushStream stream(whole);
  const absl::Status status =
      impl_->Stream(request, {Operation::kImage, whole}, call, [&](absl::string_view data) {
        stream.Feed(data, progress);
        return true;
      });
  return status.ok() ? stream.Finish() : RefusedPush(whole, status);
}

}  // namespace davit::docker
