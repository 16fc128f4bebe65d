#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/tls/certificate.h"

namespace davit::tls {
namespace {

struct StoreDeleter {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

struct Judgement {
  const std::vector<CertificatePtr>& roots;
  Verdict verdict;
};

std::string Date(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone());
}

std::string UnknownIssuer(const X509& certificate, const std::vector<CertificatePtr>& roots) {
  const std::string issuer = IssuerOf(certificate);
  std::vector<std::string> known;
  for (const CertificatePtr& root : roots) known.push_back(SubjectOf(*root));
  if (std::find(known.begin(), known.end(), issuer) != known.end()) {
    return absl::StrCat("is signed by another CA than ours that has the same name, ", issuer);
  }
  return absl::StrCat("is signed by ", issuer, " and not by our CA, ",
                      absl::StrJoin(known, " or "));
}

std::string Problem(int error, const X509& certificate, const std::vector<CertificatePtr>& roots) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return absl::StrCat("expired on ", Date(EndOf(certificate)));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return absl::StrCat("is valid only from ", Date(BeginOf(certificate)),
                          " on: look at the clock of this host");
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return UnknownIssuer(certificate, roots);
    case X509_V_ERR_INVALID_PURPOSE:
      return "is not made for this use (extended key usage)";
    default:
      return absl::StrCat("is not good: ", X509_verify_cert_error_string(error));
  }
}

// Notes a problem and lets OpenSSL look on, so that all of them are found.
int Note(int ok, X509_STORE_CTX* context) {
  if (ok == 1) return 1;
  auto& judgement = *static_cast<Judgement*>(X509_STORE_CTX_get_app_data(context));
  const X509* certificate = X509_STORE_CTX_get_current_cert(context);
  const int error = X509_STORE_CTX_get_error(context);
  std::string problem = certificate == nullptr ? X509_verify_cert_error_string(error)
                                               : Problem(error, *certificate, judgement.roots);
  // A root that was sent along is no fact by itself.
  const bool of_chain = certificate != nullptr && X509_STORE_CTX_get_error_depth(context) > 0 &&
                        error != X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
  if (of_chain) {
    problem = absl::StrCat("has an issuer, ", SubjectOf(*certificate), ", that ", problem);
  }
  std::vector<std::string>& problems = judgement.verdict.problems;
  if (std::find(problems.begin(), problems.end(), problem) == problems.end()) {
    problems.push_back(std::move(problem));
  }
  return 1;
}

absl::Time FirstEnd(const X509_STORE_CTX& context) {
  absl::Time first = absl::InfiniteFuture();
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(&context);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    first = std::min(first, EndOf(*sk_X509_value(chain, i)));
  }
  return first;
}

}  // namespace

Verdict Verify(const std::vector<CertificatePtr>& chain, const std::vector<CertificatePtr>& roots,
               absl::Time now, Use use) {
  const std::unique_ptr<X509_STORE, StoreDeleter> store(X509_STORE_new());
  for (const CertificatePtr& root : roots) X509_STORE_add_cert(store.get(), root.get());
  const std::unique_ptr<STACK_OF(X509), StoreDeleter> between(sk_X509_new_null());
  for (const CertificatePtr& certificate : chain) sk_X509_push(between.get(), certificate.get());
  const std::unique_ptr<X509_STORE_CTX, StoreDeleter> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), between.get());
  X509_STORE_CTX_set_time(context.get(), 0, absl::ToTimeT(now));
  if (use != Use::kAny) {
    X509_STORE_CTX_set_purpose(
        context.get(), use == Use::kServer ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT);
  }
  Judgement judgement{roots, {}};
  X509_STORE_CTX_set_app_data(context.get(), &judgement);
  X509_STORE_CTX_set_verify_cb(context.get(), Note);
  const int verified = X509_verify_cert(context.get());
  if (verified <= 0 && judgement.verdict.problems.empty()) {
    judgement.verdict.problems.emplace_back("could not be verified");
  }
  judgement.verdict.expires = FirstEnd(*context);
  ERR_clear_error();
  return std::move(judgement.verdict);
}

}  // namespace davit::tls
