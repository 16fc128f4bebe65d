#include "worker/docker/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/base/call_once.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "worker/docker/unreachable.h"

namespace davit::docker {
namespace {

constexpr size_t kMaxIdleConnections = 4;
constexpr size_t kMaxBodyBytes = 64 << 20;
constexpr size_t kMaxErrorBytes = 64 << 10;
constexpr long kUploadBytes = 256 << 10;
constexpr absl::Duration kPollInterval = absl::Milliseconds(50);

using Sink = absl::FunctionRef<bool(absl::string_view)>;

void InitialiseCurl() {
  static absl::once_flag once;
  absl::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

struct SlistDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, SlistDeleter>;

Headers MakeHeaders(const HttpRequest& request) {
  // Without an empty Expect, curl waits a second before it sends a large body.
  Headers headers(curl_slist_append(nullptr, "Expect:"));
  curl_slist_append(headers.get(), request.upload ? "Content-Type: application/x-tar"
                                                  : "Content-Type: application/json");
  if (!request.registry_config.empty()) {
    curl_slist_append(headers.get(),
                      absl::StrCat("X-Registry-Config: ", request.registry_config).c_str());
  }
  if (!request.registry_auth.empty()) {
    curl_slist_append(headers.get(),
                      absl::StrCat("X-Registry-Auth: ", request.registry_auth).c_str());
  }
  return headers;
}

// Receives one body. A status that is an error is collected, not handed on.
struct Receiver {
  CURL* easy;
  Sink* sink;  // null: collect everything
  HttpResponse response;
  bool stopped = false;  // by the sink
  bool too_large = false;

  size_t Receive(absl::string_view piece) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    if (sink != nullptr && response.ok()) {
      stopped = !(*sink)(piece);
      return stopped ? CURL_WRITEFUNC_ERROR : piece.size();
    }
    return Collect(piece);
  }

  size_t Collect(absl::string_view piece) {
    if (!response.ok()) piece = piece.substr(0, kMaxErrorBytes - response.body.size());
    too_large = response.body.size() + piece.size() > kMaxBodyBytes;
    if (too_large || piece.empty()) return CURL_WRITEFUNC_ERROR;
    response.body.append(piece.data(), piece.size());
    return piece.size();
  }
};

// Sends one body.
struct Sender {
  const HttpRequest& request;
  absl::Status status;
};

size_t OnUpload(char* buffer, size_t size, size_t count, void* data) {
  Sender& sender = *static_cast<Sender*>(data);
  const absl::StatusOr<size_t> given = sender.request.upload(buffer, size * count);
  if (given.ok()) return *given;
  sender.status = given.status();
  return CURL_READFUNC_ABORT;
}

size_t OnBody(char* data, size_t size, size_t count, void* receiver) {
  return static_cast<Receiver*>(receiver)->Receive({data, size * count});
}

}  // namespace

// An easy handle and the multi handle that keeps its connection.
class HttpClient::Connection {
 public:
  Connection() : easy_(curl_easy_init()), multi_(curl_multi_init()) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
  }

  absl::StatusOr<HttpResponse> Perform(const std::string& socket_path, const HttpRequest& request,
                                       const Call& call, Sink* sink);

 private:
  void Prepare(const std::string& socket_path, const HttpRequest& request, curl_slist* headers,
               Receiver& receiver, Sender& sender);
  void PrepareBody(const HttpRequest& request, Sender& sender);
  absl::StatusOr<CURLcode> Run(const Call& call);
  absl::StatusOr<CURLcode> Drive(const Call& call);

  CURL* easy_;
  CURLM* multi_;
};

void HttpClient::Connection::Prepare(const std::string& socket_path, const HttpRequest& request,
                                     curl_slist* headers, Receiver& receiver, Sender& sender) {
  curl_easy_reset(easy_);
  curl_easy_setopt(easy_, CURLOPT_UNIX_SOCKET_PATH, socket_path.c_str());
  curl_easy_setopt(easy_, CURLOPT_URL, absl::StrCat("http://docker/v1.41", request.path).c_str());
  curl_easy_setopt(easy_, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy_, CURLOPT_PROXY, "");
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, &receiver);
  if (request.method != "GET") PrepareBody(request, sender);
}

void HttpClient::Connection::PrepareBody(const HttpRequest& request, Sender& sender) {
  if (request.upload) {
    curl_easy_setopt(easy_, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy_, CURLOPT_UPLOAD_BUFFERSIZE, kUploadBytes);
    curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &OnUpload);
    curl_easy_setopt(easy_, CURLOPT_READDATA, &sender);
  } else {
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request.body.data());
  }
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

absl::StatusOr<CURLcode> HttpClient::Connection::Drive(const Call& call) {
  while (true) {
    int running = 0;
    curl_multi_perform(multi_, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg == CURLMSG_DONE) return message->data.result;
    }
    if (absl::Status status = call.Check(); !status.ok()) return status;
    const absl::Duration wait = std::min(kPollInterval, call.Remaining());
    const int64_t wait_ms = std::max<int64_t>(1, absl::ToInt64Milliseconds(wait));
    curl_multi_poll(multi_, nullptr, 0, static_cast<int>(wait_ms), nullptr);
  }
}

absl::StatusOr<CURLcode> HttpClient::Connection::Run(const Call& call) {
  curl_multi_add_handle(multi_, easy_);
  absl::StatusOr<CURLcode> result = Drive(call);
  // Closes the connection unless the transfer is complete.
  curl_multi_remove_handle(multi_, easy_);
  return result;
}

absl::StatusOr<HttpResponse> HttpClient::Connection::Perform(const std::string& socket_path,
                                                             const HttpRequest& request,
                                                             const Call& call, Sink* sink) {
  if (absl::Status status = call.Check(); !status.ok()) return status;
  const Headers headers = MakeHeaders(request);
  Receiver receiver{easy_, sink};
  Sender sender{request, absl::OkStatus()};
  Prepare(socket_path, request, headers.get(), receiver, sender);
  const absl::StatusOr<CURLcode> result = Run(call);
  if (!sender.status.ok()) return sender.status;
  if (!result.ok()) return result.status();
  if (receiver.too_large) return absl::ResourceExhaustedError("Docker's answer is over 64 MiB");
  // An engine that refuses a request does not read the rest of it.
  const bool refused =
      !receiver.response.ok() &&
      (*result == CURLE_WRITE_ERROR || (request.upload && receiver.response.status != 0));
  const bool enough = receiver.stopped || refused;
  if (*result != CURLE_OK && !enough) {
    long os_error = 0;
    curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &os_error);
    const bool connected = *result != CURLE_COULDNT_CONNECT;
    return UnreachableStatus(socket_path, connected ? 0 : static_cast<int>(os_error),
                             curl_easy_strerror(*result));
  }
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  receiver.response.status = static_cast<int>(status);
  return std::move(receiver.response);
}

HttpClient::HttpClient(std::string socket_path) : socket_path_(std::move(socket_path)) {
  InitialiseCurl();
}

HttpClient::~HttpClient() = default;

std::unique_ptr<HttpClient::Connection> HttpClient::Take() {
  absl::MutexLock lock(&mutex_);
  if (idle_.empty()) return std::make_unique<Connection>();
  std::unique_ptr<Connection> connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void HttpClient::GiveBack(std::unique_ptr<Connection> connection) {
  absl::MutexLock lock(&mutex_);
  if (idle_.size() < kMaxIdleConnections) idle_.push_back(std::move(connection));
}

absl::StatusOr<HttpResponse> HttpClient::Send(const HttpRequest& request, const Call& call) {
  std::unique_ptr<Connection> connection = Take();
  absl::StatusOr<HttpResponse> response = connection->Perform(socket_path_, request, call, nullptr);
  GiveBack(std::move(connection));
  return response;
}

absl::StatusOr<HttpResponse> HttpClient::Stream(const HttpRequest& request, const Call& call,
                                                Sink sink) {
  std::unique_ptr<Connection> connection = Take();
  absl::StatusOr<HttpResponse> response = connection->Perform(socket_path_, request, call, &sink);
  GiveBack(std::move(connection));
  return response;
}

std::string UrlEscape(absl::string_view text, bool keep_slash) {
  std::string escaped;
  for (const char c : text) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' ||
                       c == '_' || c == '~' || (keep_slash && c == '/');
    if (plain) {
      escaped.push_back(c);
    } else {
      absl::StrAppendFormat(&escaped, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return escaped;
}

}  // namespace davit::docker
