#include "common/rpc/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include "common/rpc/limits.h"
#include "common/rpc/runtime.h"

namespace davit {
namespace {

constexpr int kMaxAnswerBytes = 64 << 20;  // the plan of a thousand hosts is one message
// gRPC takes its "minimum backoff" as the time that connecting may take: the handshake of TLS, and
// the greeting of a server that may be busy, on a unix socket as well.
constexpr int kConnectTimeoutMs = 5000;

grpc::ChannelArguments CommonArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // A new channel must not inherit the backoff of an older one to the same address.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  // Streams that break are taken up again by those who know what they carry.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  return arguments;
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const std::optional<TlsIdentity>& tls) {
  // What gRPC makes of no credentials is a channel that fails every call.
  if (!tls) return nullptr;
  return grpc::SslCredentials({.pem_root_certs = tls->ca_pem,
                               .pem_private_key = tls->key_pem,
                               .pem_cert_chain = tls->cert_pem});
}

}  // namespace

std::shared_ptr<grpc::Channel> MakeChannel(const Address& address,
                                           const std::optional<TlsIdentity>& tls,
                                           const std::string& peer_name) {
  KeepGrpcRunning();
  grpc::ChannelArguments arguments = CommonArguments();
  if (address.is_unix) {
    return grpc::CreateCustomChannel(ChannelTarget(address), grpc::InsecureChannelCredentials(),
                                     arguments);
  }
  arguments.SetSslTargetNameOverride(peer_name.empty() ? address.host : peer_name);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  return grpc::CreateCustomChannel(ChannelTarget(address), CredentialsOf(tls), arguments);
}

}  // namespace davit
