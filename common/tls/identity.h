#ifndef DAVIT_COMMON_TLS_IDENTITY_H_
#define DAVIT_COMMON_TLS_IDENTITY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace davit {

// Where a program's certificate lies, in PEM.
struct TlsFiles {
  std::string ca_file;    // the CAs whose certificates are believed
  std::string cert_file;  // our certificate, then those between it and the CA
  std::string key_file;   // its key, for our eyes only
};

// ca.crt, tls.crt and tls.key in `directory`.
TlsFiles TlsFilesIn(absl::string_view directory);

// What a program shows to others, and by what it judges them. key_pem is secret: it
// goes into no log and no error.
struct TlsIdentity {
  std::string ca_pem;
  std::string cert_pem;
  std::string key_pem;
  std::string name;    // first DNS SAN of the certificate, or its CN
  absl::Time expires;  // when the first of the certificate and its issuers does
};

// Reads and checks `files`: the key is the certificate's and not readable by others
// (0600, or 0640 when root owns it), and the certificate is in date at `now`, has a
// name, and is signed by the CA. Errors name the file: the system's for one that cannot
// be read, PERMISSION_DENIED for a key with a wrong mode, INVALID_ARGUMENT for what is
// no certificate or key, FAILED_PRECONDITION for what does not fit or is out of date.
absl::StatusOr<TlsIdentity> LoadTls(const TlsFiles& files, absl::Time now);

}  // namespace davit

#endif  // DAVIT_COMMON_TLS_IDENTITY_H_
