#ifndef DAVIT_COMMON_TLS_HANDSHAKE_H_
#define DAVIT_COMMON_TLS_HANDSHAKE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/tls/identity.h"

namespace davit::tls {

struct Server {
  int fd;             // a connected socket that does not block; stays open
  std::string where;  // what to call it in the facts: an address
  std::string name;   // what its certificate is to be for
};

// Tries a TLS handshake with `server` as gRPC's clients do it, but goes on whatever is
// wrong with the server's certificate, so as to learn what the server says to ours. One
// fact an entry; empty when both sides are content.
std::vector<std::string> FaultsOfHandshake(const Server& server, const TlsIdentity& identity,
                                           absl::Time deadline);

}  // namespace davit::tls

#endif  // DAVIT_COMMON_TLS_HANDSHAKE_H_
