#include "worker/docker/engine_impl.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"

namespace davit::docker {
namespace {

constexpr int kNotFound = 404;
constexpr absl::Duration kInfoKept = absl::Seconds(10);

absl::Status CheckSubject(const Topic& topic) {
  if (!topic.subject.empty()) return absl::OkStatus();
  return FailureStatus(v1::INTERNAL, "Docker was asked about something without a name");
}

std::string MessageOf(const HttpResponse& response) {
  const Json json = Json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  const std::string message = StringAt(json, "message");
  if (!message.empty()) return message;
  return absl::StrCat("HTTP status ", response.status, " ", response.body);
}

absl::Status StatusOf(const HttpResponse& response, const Topic& topic) {
  if (response.ok()) return absl::OkStatus();
  return EngineErrorStatus(topic, response.status, MessageOf(response));
}

absl::StatusOr<Json> JsonOf(const HttpResponse& response, const Topic& topic) {
  if (absl::Status status = StatusOf(response, topic); !status.ok()) return status;
  if (response.body.empty()) return Json();
  return ParseJson(response.body);
}

}  // namespace

void Engine::Impl::KeepInfo(const EngineInfo& info) {
  absl::MutexLock lock(&mutex_);
  info_ = info;
  info_time_ = SteadyNow();
}

std::optional<EngineInfo> Engine::Impl::KeptInfo() const {
  absl::MutexLock lock(&mutex_);
  return SteadyNow() - info_time_ < kInfoKept ? info_ : std::nullopt;
}

absl::StatusOr<Json> Engine::Impl::Ask(const HttpRequest& request, const Topic& topic,
                                       const Call& call) {
  if (absl::Status status = CheckSubject(topic); !status.ok()) return status;
  const absl::StatusOr<HttpResponse> response = http_.Send(request, call);
  return response.ok() ? JsonOf(*response, topic) : response.status();
}

absl::StatusOr<std::optional<Json>> Engine::Impl::AskIfThere(const HttpRequest& request,
                                                             const Topic& topic, const Call& call) {
  if (absl::Status status = CheckSubject(topic); !status.ok()) return status;
  const absl::StatusOr<HttpResponse> response = http_.Send(request, call);
  if (!response.ok()) return response.status();
  if (response->status == kNotFound) return std::nullopt;
  return JsonOf(*response, topic);
}

absl::Status Engine::Impl::Tell(const HttpRequest& request, const Topic& topic, const Call& call) {
  if (absl::Status status = CheckSubject(topic); !status.ok()) return status;
  const absl::StatusOr<HttpResponse> response = http_.Send(request, call);
  return response.ok() ? StatusOf(*response, topic) : response.status();
}

absl::Status Engine::Impl::Stream(const HttpRequest& request, const Topic& topic, const Call& call,
                                  absl::FunctionRef<bool(absl::string_view)> sink) {
  if (absl::Status status = CheckSubject(topic); !status.ok()) return status;
  const absl::StatusOr<HttpResponse> response = http_.Stream(request, call, sink);
  return response.ok() ? StatusOf(*response, topic) : response.status();
}

bool EngineSays(const absl::Status& status, absl::string_view text) {
  const v1::Failure failure = FailureOf(status);
  return std::any_of(failure.evidence().begin(), failure.evidence().end(),
                     [text](const std::string& fact) { return absl::StrContains(fact, text); });
}

std::string ContainerPath(absl::string_view container, absl::string_view suffix) {
  return absl::StrCat("/containers/", UrlEscape(container), suffix);
}

std::string ImagePath(absl::string_view reference, absl::string_view suffix) {
  return absl::StrCat("/images/", UrlEscape(reference, /*keep_slash=*/true), suffix);
}

std::string Filters(absl::string_view name, const std::vector<std::string>& values) {
  return UrlEscape(DumpJson(Json{{std::string(name), values}}));
}

}  // namespace davit::docker
