#ifndef DAVIT_COMMON_RPC_DIAGNOSIS_H_
#define DAVIT_COMMON_RPC_DIAGNOSIS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/rpc/address.h"
#include "common/tls/identity.h"

namespace davit {

// What is wrong with the way to `address`, one fact an entry, for the evidence of a
// failure: gRPC says little more than that it could not connect. Takes the way that
// MakeChannel of the same arguments would take: name, connection, TLS handshake. Empty
// when a server took the handshake: what keeps it from answering lies behind it.
// Returns by `deadline`.
std::vector<std::string> WhyUnreachable(const Address& address,
                                        const std::optional<TlsIdentity>& tls,
                                        const std::string& peer_name, absl::Time deadline);

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_DIAGNOSIS_H_
