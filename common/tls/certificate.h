#ifndef DAVIT_COMMON_TLS_CERTIFICATE_H_
#define DAVIT_COMMON_TLS_CERTIFICATE_H_

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// OpenSSL's certificates and keys, and what people ask about them. Nothing here leaves
// anything in OpenSSL's queue of errors.
namespace davit::tls {

struct Deleter {
  void operator()(X509* certificate) const;
  void operator()(EVP_PKEY* key) const;
};
using CertificatePtr = std::unique_ptr<X509, Deleter>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter>;

// At least one certificate; INVALID_ARGUMENT "holds no certificate" or the like, to be
// put after the file's name.
absl::StatusOr<std::vector<CertificatePtr>> ParseCertificates(absl::string_view pem);
absl::StatusOr<KeyPtr> ParseKey(absl::string_view pem);

bool IsKeyOf(const EVP_PKEY& key, const X509& certificate);

// DNS SANs, then the CN.
std::vector<std::string> NamesIn(const X509& certificate);
// The CN, or the whole distinguished name of one that has none.
std::string SubjectOf(const X509& certificate);
std::string IssuerOf(const X509& certificate);
absl::Time BeginOf(const X509& certificate);
absl::Time EndOf(const X509& certificate);

// Whether a client that looks for `name`, or for that IP address, takes the certificate.
bool IsFor(const X509& certificate, const std::string& name);

enum class Use { kAny, kServer, kClient };

struct Verdict {
  // What is wrong, each to be put after "the certificate": "expired on …". Empty: nothing.
  std::vector<std::string> problems;
  absl::Time expires;  // when the first of the chain does
};

// Judges chain[0] by `roots`; the rest of the chain may lie between them.
Verdict Verify(const std::vector<CertificatePtr>& chain, const std::vector<CertificatePtr>& roots,
               absl::Time now, Use use);

}  // namespace davit::tls

#endif  // DAVIT_COMMON_TLS_CERTIFICATE_H_
