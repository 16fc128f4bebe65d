#include "worker/steps/health/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "absl/strings/str_cat.h"

namespace davit::steps {
namespace {

using Error = HttpResponse::Error;

constexpr size_t kMaxBody = 1 << 20;
constexpr size_t kFirstPiece = 16 << 10;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What the callbacks work on.
struct Transfer {
  const Call& call;
  size_t limit;
  std::string body;
  bool enough = false;  // it was us who ended the transfer
};

size_t OnBody(const char* data, size_t, size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const size_t room = transfer.limit - transfer.body.size();
  transfer.body.append(data, std::min(size, room));
  if (size < room) return size;
  transfer.enough = true;
  return size == room ? size : 0;
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->call.Check().ok() ? 0 : 1;
}

// Once for the process; libcurl wants that before any thread uses it.
void InitCurl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(code);
}

Error ErrorOf(CURLcode code, long os_error) {
  switch (code) {
    case CURLE_OK:
      return Error::kNone;
    case CURLE_COULDNT_CONNECT:
      return os_error == ECONNREFUSED ? Error::kRefused : Error::kTimeout;
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_ABORTED_BY_CALLBACK:
      return Error::kTimeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CERTPROBLEM:
      return Error::kTls;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return Error::kNotHttp;
    default:
      return Error::kBroken;
  }
}

void Configure(CURL* easy, const HttpRequest& request, Transfer& transfer) {
  const int64_t left =
      absl::ToInt64Milliseconds(std::min(transfer.call.Remaining(), absl::Hours(1)));
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<int64_t>(left, 1)));
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "davit-health");
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, OnProgress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &transfer);
}

void ReadAnswer(CURL* easy, HttpResponse& response) {
  long status = 0;
  char* location = nullptr;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
  response.status = static_cast<int>(status);
  if (location != nullptr) response.location = location;
}

}  // namespace

HttpResponse Get(const HttpRequest& request, const Call& call) {
  InitCurl();
  HttpResponse response;
  const std::unique_ptr<CURL, EasyDeleter> easy(curl_easy_init());
  if (easy == nullptr) return {Error::kBroken, "libcurl cannot be used", 0, "", ""};
  Transfer transfer{call, request.wants_body ? kMaxBody : kFirstPiece, "", false};
  Configure(easy.get(), request, transfer);
  std::unique_ptr<curl_slist, ListDeleter> headers;
  if (!request.host_header.empty()) {
    headers.reset(curl_slist_append(nullptr, absl::StrCat("Host: ", request.host_header).c_str()));
    curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  }
  char words[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, words);
  const CURLcode code = curl_easy_perform(easy.get());
  ReadAnswer(easy.get(), response);
  response.body = std::move(transfer.body);
  if (code == CURLE_WRITE_ERROR && transfer.enough) return response;
  long os_error = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_OS_ERRNO, &os_error);
  response.error = ErrorOf(code, os_error);
  if (code != CURLE_OK) response.reason = words[0] != '\0' ? words : curl_easy_strerror(code);
  return response;
}

}  // namespace davit::steps
