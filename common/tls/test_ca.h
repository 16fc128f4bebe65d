#ifndef DAVIT_COMMON_TLS_TEST_CA_H_
#define DAVIT_COMMON_TLS_TEST_CA_H_

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/tls/certificate.h"
#include "common/tls/identity.h"

namespace davit::test {

struct CertificateOptions {
  std::vector<std::string> dns_names;  // SANs
  std::vector<std::string> ips;        // SANs
  absl::Time begin = absl::Now() - absl::Hours(1);
  absl::Time end = absl::Now() + absl::Hours(1);
  std::string use = "serverAuth,clientAuth";
};

// A CA for tests, with keys that are made anew each time.
class TestCa {
 public:
  explicit TestCa(const std::string& name = "test CA");

  // A certificate with `name` as CN and only DNS SAN, in date, for any use.
  TlsIdentity Issue(const std::string& name) const;
  // A certificate with `name` as CN (none when empty) and what else `options` say.
  TlsIdentity Issue(const std::string& name, const CertificateOptions& options) const;

  const std::string& pem() const { return pem_; }

 private:
  tls::KeyPtr key_;
  tls::CertificatePtr certificate_;
  std::string pem_;
};

// Writes ca.crt, tls.crt and tls.key (0600) into `directory`.
TlsFiles WriteTls(const TlsIdentity& identity, const std::string& directory);

}  // namespace davit::test

#endif  // DAVIT_COMMON_TLS_TEST_CA_H_
