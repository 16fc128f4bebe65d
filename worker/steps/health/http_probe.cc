#include <curl/curl.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "worker/steps/health/http_client.h"
#include "worker/steps/health/probe.h"
#include "worker/steps/health/status_ranges.h"
#include "worker/steps/text/clean_text.h"

namespace davit::steps {
namespace {

using Error = HttpResponse::Error;

constexpr int kMaxRedirects = 5;
constexpr size_t kBodyShown = 500;

bool IsRedirect(int status) { return status >= 300 && status < 400 && status != 304; }

std::string HostPart(absl::string_view host_header) {
  return std::string(host_header.substr(0, host_header.rfind(':')));
}

// Path and query of `location` when it leads back into the container: same
// scheme, and its address or the Host that we ask for. The port may be one that a
// proxy in front of it has. nullopt when it leads elsewhere.
std::optional<std::string> PathWithin(const std::string& location, const v1::HttpProbe& probe,
                                      const std::string& address) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), curl_url_cleanup);
  if (curl_url_set(url.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  const auto part = [&url](CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(url.get(), which, &text, 0) != CURLUE_OK) return std::string();
    const std::unique_ptr<char, void (*)(void*)> owned(text, curl_free);
    return std::string(text);
  };
  const std::string scheme = probe.scheme().empty() ? "http" : probe.scheme();
  const std::string host = part(CURLUPART_HOST);
  const bool inside = host == address || host == absl::StrCat("[", address, "]") ||
                      host == HostPart(probe.host_header());
  if (part(CURLUPART_SCHEME) != scheme || !inside) return std::nullopt;
  const std::string query = part(CURLUPART_QUERY);
  return absl::StrCat(part(CURLUPART_PATH), query.empty() ? "" : "?", query);
}

class HttpProbe final : public Probe {
 public:
  explicit HttpProbe(v1::HttpProbe probe) : probe_(std::move(probe)) {}

  std::string Describe(const docker::ContainerDetails& container) const override {
    return absl::StrCat("GET ", Url(TargetAddress(container), Path()));
  }

  ProbeResult Run(const docker::ContainerDetails& container, const Call& call) override {
    const std::string address = TargetAddress(container);
    if (address.empty()) {
      ProbeResult result;
      result.code = v1::HEALTH_REFUSED;
      result.summary = "the container has no network address";
      return result;
    }
    std::string path = Path();
    HttpResponse response;
    for (int redirects = 0;; ++redirects) {
      HttpRequest request{Url(address, path), probe_.host_header(), !probe_.body().empty()};
      response = Get(request, call);
      if (!Follows(response) || redirects == kMaxRedirects) break;
      const auto next = PathWithin(response.location, probe_, address);
      if (!next.has_value()) break;
      path = *next;
    }
    return Judge(response, Url(address, path));
  }

 private:
  std::string Path() const { return probe_.path().empty() ? "/" : probe_.path(); }

  std::string Url(const std::string& address, const std::string& path) const {
    const bool v6 = absl::StrContains(address, ':');
    return absl::StrCat(probe_.scheme().empty() ? "http" : probe_.scheme(), "://", v6 ? "[" : "",
                        address, v6 ? "]" : "", ":", probe_.port(), path);
  }

  bool Follows(const HttpResponse& response) const {
    return probe_.follow_redirects() && response.error == Error::kNone &&
           IsRedirect(response.status) && !response.location.empty();
  }

  ProbeResult Judge(const HttpResponse& response, const std::string& url) const {
    ProbeResult result;
    result.evidence.push_back(absl::StrCat("url: ", url));
    if (!probe_.host_header().empty()) {
      result.evidence.push_back(absl::StrCat("Host: ", probe_.host_header()));
    }
    if (response.error != Error::kNone) {
      JudgeError(response, result);
    } else {
      JudgeAnswer(response, result);
    }
    return result;
  }

  void JudgeError(const HttpResponse& response, ProbeResult& result) const {
    result.evidence.push_back(absl::StrCat("reason: ", CleanText(response.reason)));
    if (response.error == Error::kRefused) {
      result.code = v1::HEALTH_REFUSED;
      result.summary = "connection refused";
    } else if (response.error == Error::kTimeout) {
      result.code = v1::HEALTH_TIMEOUT;
      result.summary = "no answer in time";
    } else {
      result.code = v1::HEALTH_ANSWER;
      result.summary = absl::StrCat("no answer that makes sense: ", CleanText(response.reason));
      if (response.error == Error::kTls) {
        result.likely_cause = "the application does not speak TLS on this port";
        result.next_command = "set `healthcheck.http.scheme: http`";
      } else if (probe_.scheme() != "https") {
        result.likely_cause = "the port speaks something other than plain HTTP";
      }
    }
  }

  void JudgeAnswer(const HttpResponse& response, ProbeResult& result) const {
    result.evidence.push_back(absl::StrCat("status: ", response.status));
    if (!response.location.empty()) {
      result.evidence.push_back(absl::StrCat("Location: ", CleanText(response.location)));
    }
    result.summary = absl::StrCat("status ", response.status);
    // One that was to be followed and led out of the container is no success.
    if (!AcceptsStatus(probe_.status(), response.status) || Follows(response)) {
      return JudgeStatus(response, result);
    }
    if (absl::StrContains(response.body, probe_.body())) {
      result.healthy = true;
      return;
    }
    result.code = v1::HEALTH_ANSWER;
    result.summary = absl::StrCat("status ", response.status, " without the wanted text");
    result.evidence.push_back(absl::StrCat("wanted text: ", probe_.body()));
    AddBody(response, result);
  }

  void JudgeStatus(const HttpResponse& response, ProbeResult& result) const {
    result.evidence.push_back(
        absl::StrCat("wanted status: ", probe_.status().empty() ? "200-399" : probe_.status()));
    if (IsRedirect(response.status)) {
      result.code = v1::HEALTH_REDIRECT;
      result.summary =
          absl::StrCat("status ", response.status, ", redirected to ",
                       response.location.empty() ? "nowhere" : CleanText(response.location));
      ExplainRedirect(response, result);
      return;
    }
    result.code = v1::HEALTH_STATUS;
    AddBody(response, result);
    ExplainStatus(response, result);
  }

  void ExplainRedirect(const HttpResponse& response, ProbeResult& result) const {
    if (absl::StartsWith(response.location, "https://") && probe_.scheme() != "https") {
      result.likely_cause =
          "the application sends every plain request to https (Django: SECURE_SSL_REDIRECT)";
      result.next_command =
          "exempt the health page from the redirect, or accept it with `healthcheck.http.status`";
    } else if (probe_.follow_redirects()) {
      result.likely_cause = "the redirects lead out of the container, or are more than five";
    }
  }

  // Frameworks refuse a Host that they were not told of; the address is none.
  void ExplainStatus(const HttpResponse& response, ProbeResult& result) const {
    const bool says_host = absl::StrContains(response.body, "HTTP_HOST") ||
                           absl::StrContains(response.body, "DisallowedHost") ||
                           absl::StrContains(response.body, "Blocked host");
    if (!says_host && (response.status != 400 || !probe_.host_header().empty())) return;
    result.likely_cause = absl::StrCat(
        says_host ? "" : "perhaps ", "the application does not accept the Host header ",
        probe_.host_header().empty() ? "with the container's address" : probe_.host_header(),
        " (Django: ALLOWED_HOSTS)");
    result.next_command =
        "set `healthcheck.http.host_header` to a name that the application accepts, or add it to "
        "ALLOWED_HOSTS";
  }

  static void AddBody(const HttpResponse& response, ProbeResult& result) {
    if (response.body.empty()) return;
    const bool cut = response.body.size() > kBodyShown;
    result.evidence.push_back(
        absl::StrCat("answer: ", CleanText(response.body.substr(0, kBodyShown)), cut ? "…" : ""));
  }

  const v1::HttpProbe probe_;
};

}  // namespace

std::unique_ptr<Probe> MakeHttpProbe(const v1::HttpProbe& probe) {
  return std::make_unique<HttpProbe>(probe);
}

}  // namespace davit::steps
