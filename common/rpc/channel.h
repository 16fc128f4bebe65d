#ifndef DAVIT_COMMON_RPC_CHANNEL_H_
#define DAVIT_COMMON_RPC_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <optional>
#include <string>

#include "common/rpc/address.h"
#include "common/tls/identity.h"

namespace davit {

// A channel to `address`. Connects with the first call, within 5 s, asks no proxy, tries
// again 0.1 s to 5 s after a failure, and takes answers of 64 MiB at most.
//
// Over TCP it shows `tls`'s certificate and wants one of the same CA in return that is
// for `peer_name`, or for the address's host where `peer_name` is empty; it pings
// after 10 s of silence and breaks 5 s later. There is no TCP without `tls`: all calls
// of such a channel fail with INVALID_ARGUMENT. A unix socket needs neither.
std::shared_ptr<grpc::Channel> MakeChannel(const Address& address,
                                           const std::optional<TlsIdentity>& tls = std::nullopt,
                                           const std::string& peer_name = "");

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_CHANNEL_H_
