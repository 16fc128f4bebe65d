#ifndef DAVIT_WORKER_STEPS_HEALTH_HTTP_CLIENT_H_
#define DAVIT_WORKER_STEPS_HEALTH_HTTP_CLIENT_H_

#include <string>

#include "common/call.h"

namespace davit::steps {

struct HttpRequest {
  std::string url;
  std::string host_header;  // empty: the URL's
  bool wants_body = false;  // the whole body is read, else a first piece of it
};

struct HttpResponse {
  // What went wrong below HTTP, if anything did.
  enum class Error { kNone, kRefused, kTimeout, kTls, kNotHttp, kBroken };
  Error error = Error::kNone;
  std::string reason;  // the library's words for the error
  int status = 0;
  std::string location;  // of a redirect, made absolute
  std::string body;      // 1 MiB at most
};

// One GET, without proxies, redirects, cookies or verification of certificates.
// Ends with `call`.
HttpResponse Get(const HttpRequest& request, const Call& call);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_HEALTH_HTTP_CLIENT_H_
