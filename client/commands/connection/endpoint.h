#ifndef DAVIT_CLIENT_COMMANDS_CONNECTION_ENDPOINT_H_
#define DAVIT_CLIENT_COMMANDS_CONNECTION_ENDPOINT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/commands/invocation/invocation.h"
#include "common/rpc/address.h"
#include "common/tls/identity.h"

namespace davit::commands {

// Where a controller serves, and who we are to it.
struct Endpoint {
  Address address;
  std::optional<TlsIdentity> tls;  // over TCP, always
  std::string name;  // that the controller's certificate is for; empty: the address's host
};

// The endpoint at `address` (unix:/path, host:port), over TCP with the certificate
// of --tls-dir, DAVIT_TLS_DIR or ~/.config/davit/tls. SPEC_INVALID says what is
// wrong with the address or the certificate, or that none is given.
absl::StatusOr<Endpoint> RemoteEndpoint(const Invocation& invocation, const std::string& address);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_CONNECTION_ENDPOINT_H_
