#ifndef DAVIT_WORKER_DOCKER_HTTP_H_
#define DAVIT_WORKER_DOCKER_HTTP_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/call.h"

namespace davit::docker {

struct HttpRequest {
  std::string method = "GET";
  std::string path;                // with the query, without host and API version
  std::string body;                // JSON; empty: none
  std::string registry_auth = "";  // X-Registry-Auth; empty: none
  // Gives a tar as the body instead, piece by piece: puts up to `size` bytes into
  // `buffer` and returns how many, 0 at the end. It may block, and obeys the
  // request's Call by itself; its error ends the request and is the answer.
  std::function<absl::StatusOr<size_t>(char* buffer, size_t size)> upload = nullptr;
  std::string registry_config = "";  // X-Registry-Config; empty: none
};

struct HttpResponse {
  int status = 0;
  std::string body;  // of Send; of Stream only when the status is an error

  // 304 is the engine's "it is so already".
  bool ok() const { return (status >= 200 && status < 300) || status == 304; }
};

// HTTP over a unix socket. Thread-safe; idle connections are kept for the next
// call. A call that is cancelled or too late ends within 50 ms with CANCELLED
// or DEADLINE_EXCEEDED. Where nothing answers: DOCKER_UNREACHABLE.
class HttpClient {
 public:
  explicit HttpClient(std::string socket_path);
  ~HttpClient();

  const std::string& socket_path() const { return socket_path_; }

  // The whole answer, 64 MiB at most.
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request, const Call& call);

  // Hands the body of a successful answer to `sink` as it arrives, until that
  // returns false: then the connection is cut and the answer is good.
  absl::StatusOr<HttpResponse> Stream(const HttpRequest& request, const Call& call,
                                      absl::FunctionRef<bool(absl::string_view)> sink);

 private:
  class Connection;

  std::unique_ptr<Connection> Take() ABSL_LOCKS_EXCLUDED(mutex_);
  void GiveBack(std::unique_ptr<Connection> connection) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string socket_path_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
};

// `text` as part of a path or query: all but letters, digits and -._~ escaped.
// Slashes stay where `keep_slash`, as image references need it.
std::string UrlEscape(absl::string_view text, bool keep_slash = false);

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_HTTP_H_
