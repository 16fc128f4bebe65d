#include "common/tls/identity.h"

#include <openssl/x509.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/tls/certificate.h"
#include "common/tls/key_file.h"

namespace davit {
namespace {

absl::StatusOr<std::vector<tls::CertificatePtr>> Parse(const std::string& file,
                                                       const std::string& pem) {
  auto certificates = tls::ParseCertificates(pem);
  if (certificates.ok()) return certificates;
  return absl::InvalidArgumentError(absl::StrCat(file, " ", certificates.status().message()));
}

}  // namespace

TlsFiles TlsFilesIn(absl::string_view directory) {
  return {absl::StrCat(directory, "/ca.crt"), absl::StrCat(directory, "/tls.crt"),
          absl::StrCat(directory, "/tls.key")};
}

absl::StatusOr<TlsIdentity> LoadTls(const TlsFiles& files, absl::Time now) {
  TlsIdentity identity;
  for (const auto& [file, text] : {std::pair(&files.ca_file, &identity.ca_pem),
                                   std::pair(&files.cert_file, &identity.cert_pem)}) {
    auto read = tls::ReadPemFile(*file);
    if (!read.ok()) return read.status();
    *text = *std::move(read);
  }
  auto key_pem = tls::ReadKeyFile(files.key_file);
  if (!key_pem.ok()) return key_pem.status();
  identity.key_pem = *std::move(key_pem);

  const auto roots = Parse(files.ca_file, identity.ca_pem);
  if (!roots.ok()) return roots.status();
  const auto chain = Parse(files.cert_file, identity.cert_pem);
  if (!chain.ok()) return chain.status();
  const auto key = tls::ParseKey(identity.key_pem);
  if (!key.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(files.key_file, " ", key.status().message()));
  }
  if (!tls::IsKeyOf(**key, *chain->front())) {
    return absl::FailedPreconditionError(
        absl::StrCat(files.key_file, " is not the key of the certificate in ", files.cert_file));
  }
  const tls::Verdict verdict = tls::Verify(*chain, *roots, now, tls::Use::kAny);
  if (!verdict.problems.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("the certificate in ", files.cert_file, " ",
                                                      absl::StrJoin(verdict.problems, ", and "),
                                                      "; the CA is read from ", files.ca_file));
  }
  const std::vector<std::string> names = tls::NamesIn(*chain->front());
  if (names.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the certificate in ", files.cert_file, " is for no name (DNS SAN)"));
  }
  identity.name = names.front();
  identity.expires = verdict.expires;
  return identity;
}

}  // namespace davit
