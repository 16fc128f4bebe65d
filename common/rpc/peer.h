#ifndef DAVIT_COMMON_RPC_PEER_H_
#define DAVIT_COMMON_RPC_PEER_H_

#include <grpcpp/security/auth_context.h>
#include <grpcpp/server_context.h>

#include <string>
#include <vector>

namespace davit {

// The name in the caller's certificate: its first DNS SAN, or the CN when it has
// none. Empty for a caller on a unix socket.
std::string PeerName(const grpc::ServerContextBase& context);

// All names of the caller's certificate, DNS SANs first, then the CN.
std::vector<std::string> PeerNames(const grpc::AuthContext& context);

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_PEER_H_
