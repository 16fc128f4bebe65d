#include "common/tls/certificate.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace davit::tls {
namespace {

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using BioPtr = std::unique_ptr<BIO, BioDeleter>;

BioPtr Reader(absl::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// OpenSSL would ask the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

std::string TextOf(const ASN1_STRING& value) {
  unsigned char* bytes = nullptr;
  const int size = ASN1_STRING_to_UTF8(&bytes, &value);
  if (size < 0) {
    ERR_clear_error();
    return "";
  }
  std::string text(reinterpret_cast<const char*>(bytes), size);
  OPENSSL_free(bytes);
  return text;
}

std::string CommonName(const X509_NAME& name) {
  const int index = X509_NAME_get_index_by_NID(&name, NID_commonName, -1);
  if (index < 0) return "";
  return TextOf(*X509_NAME_ENTRY_get_data(X509_NAME_get_entry(&name, index)));
}

std::string Readable(const X509_NAME& name) {
  std::string common = CommonName(name);
  if (!common.empty()) return common;
  char text[256] = "";
  X509_NAME_oneline(&name, text, sizeof(text));
  return text;
}

absl::Time ToTime(const ASN1_TIME& time, absl::Time otherwise) {
  std::tm utc = {};
  if (ASN1_TIME_to_tm(&time, &utc) != 1) {
    ERR_clear_error();
    return otherwise;
  }
  return absl::FromTM(utc, absl::UTCTimeZone());
}

}  // namespace

void Deleter::operator()(X509* certificate) const { X509_free(certificate); }
void Deleter::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

absl::StatusOr<std::vector<CertificatePtr>> ParseCertificates(absl::string_view pem) {
  const BioPtr reader = Reader(pem);
  std::vector<CertificatePtr> certificates;
  while (X509* read = PEM_read_bio_X509(reader.get(), nullptr, NoPassphrase, nullptr)) {
    certificates.emplace_back(read);
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end) return absl::InvalidArgumentError("holds a certificate that is damaged");
  if (certificates.empty()) return absl::InvalidArgumentError("holds no certificate in PEM");
  return certificates;
}

absl::StatusOr<KeyPtr> ParseKey(absl::string_view pem) {
  const BioPtr reader = Reader(pem);
  KeyPtr key(PEM_read_bio_PrivateKey(reader.get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  if (key != nullptr) return key;
  if (absl::StrContains(pem, "ENCRYPTED")) {
    return absl::InvalidArgumentError("is encrypted: there is nobody to ask for a passphrase");
  }
  return absl::InvalidArgumentError("holds no private key in PEM");
}

bool IsKeyOf(const EVP_PKEY& key, const X509& certificate) {
  const bool fits = X509_check_private_key(&certificate, &key) == 1;
  ERR_clear_error();
  return fits;
}

std::vector<std::string> NamesIn(const X509& certificate) {
  std::vector<std::string> names;
  auto* alternatives = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives, i);
    if (name->type == GEN_DNS) names.push_back(TextOf(*name->d.dNSName));
  }
  GENERAL_NAMES_free(alternatives);
  ERR_clear_error();
  std::string common = CommonName(*X509_get_subject_name(&certificate));
  if (!common.empty() && std::find(names.begin(), names.end(), common) == names.end()) {
    names.push_back(std::move(common));
  }
  return names;
}

std::string SubjectOf(const X509& certificate) {
  return Readable(*X509_get_subject_name(&certificate));
}

std::string IssuerOf(const X509& certificate) {
  return Readable(*X509_get_issuer_name(&certificate));
}

absl::Time BeginOf(const X509& certificate) {
  return ToTime(*X509_get0_notBefore(&certificate), absl::InfiniteFuture());
}

absl::Time EndOf(const X509& certificate) {
  return ToTime(*X509_get0_notAfter(&certificate), absl::InfinitePast());
}

bool IsFor(const X509& certificate, const std::string& name) {
  // X509_check_* take a certificate that is not const, and change its caches only.
  X509* const subject = const_cast<X509*>(&certificate);
  const bool fits = X509_check_ip_asc(subject, name.c_str(), 0) == 1 ||
                    X509_check_host(subject, name.data(), name.size(),
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1;
  ERR_clear_error();
  return fits;
}

}  // namespace davit::tls
