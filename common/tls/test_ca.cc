#include "common/tls/test_ca.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace davit::test {
namespace {

// A test's material is right, or the test is wrong.
void Insist(bool holds) {
  if (!holds) std::abort();
}

tls::KeyPtr NewKey() {
  tls::KeyPtr key(EVP_EC_gen("P-256"));
  Insist(key != nullptr);
  return key;
}

void AddExtension(X509& certificate, X509& issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Insist(extension != nullptr && X509_add_ext(&certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// An unsigned certificate for `key`.
tls::CertificatePtr NewCertificate(EVP_PKEY& key, const std::string& name, absl::Time begin,
                                   absl::Time end) {
  tls::CertificatePtr made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial);
  ASN1_TIME_set(X509_getm_notBefore(made.get()), absl::ToTimeT(begin));
  ASN1_TIME_set(X509_getm_notAfter(made.get()), absl::ToTimeT(end));
  X509_set_pubkey(made.get(), &key);
  if (!name.empty()) {
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.data()),
                               static_cast<int>(name.size()), -1, 0);
  }
  return made;
}

void Sign(X509& certificate, X509& issuer, EVP_PKEY& key) {
  Insist(X509_set_issuer_name(&certificate, X509_get_subject_name(&issuer)) == 1);
  AddExtension(certificate, issuer, NID_subject_key_identifier, "hash");
  AddExtension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  Insist(X509_sign(&certificate, &key, EVP_sha256()) > 0);
}

template <typename Write>
std::string ToPem(const Write& write) {
  BIO* const bio = BIO_new(BIO_s_mem());
  Insist(write(bio) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, size);
  BIO_free(bio);
  return pem;
}

std::string ToPem(X509& certificate) {
  return ToPem([&](BIO* bio) { return PEM_write_bio_X509(bio, &certificate); });
}

std::string ToPem(EVP_PKEY& key) {
  return ToPem([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, &key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

}  // namespace

TestCa::TestCa(const std::string& name)
    : key_(NewKey()),
      certificate_(NewCertificate(*key_, name, absl::Now() - absl::Hours(48),
                                  absl::Now() + absl::Hours(48))) {
  AddExtension(*certificate_, *certificate_, NID_basic_constraints, "critical,CA:TRUE");
  Sign(*certificate_, *certificate_, *key_);
  pem_ = ToPem(*certificate_);
}

TlsIdentity TestCa::Issue(const std::string& name) const {
  CertificateOptions options;
  options.dns_names = {name};
  return Issue(name, options);
}

TlsIdentity TestCa::Issue(const std::string& name, const CertificateOptions& options) const {
  const tls::KeyPtr key = NewKey();
  const tls::CertificatePtr made = NewCertificate(*key, name, options.begin, options.end);
  std::vector<std::string> alternatives;
  for (const std::string& dns : options.dns_names) alternatives.push_back("DNS:" + dns);
  for (const std::string& ip : options.ips) alternatives.push_back("IP:" + ip);
  if (!alternatives.empty()) {
    AddExtension(*made, *certificate_, NID_subject_alt_name, absl::StrJoin(alternatives, ","));
  }
  AddExtension(*made, *certificate_, NID_ext_key_usage, options.use);
  Sign(*made, *certificate_, *key_);
  const std::vector<std::string> names = tls::NamesIn(*made);
  return {.ca_pem = pem_,
          .cert_pem = ToPem(*made),
          .key_pem = ToPem(*key),
          .name = names.empty() ? "" : names.front(),
          .expires = options.end};
}

TlsFiles WriteTls(const TlsIdentity& identity, const std::string& directory) {
  const TlsFiles files = TlsFilesIn(directory);
  std::ofstream(files.ca_file) << identity.ca_pem;
  std::ofstream(files.cert_file) << identity.cert_pem;
  std::ofstream(files.key_file) << identity.key_pem;
  Insist(chmod(files.key_file.c_str(), 0600) == 0);
  return files;
}

}  // namespace davit::test
