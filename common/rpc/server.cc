#include "common/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/allow_list.h"
#include "common/rpc/bind_error.h"
#include "common/rpc/limits.h"
#include "common/rpc/runtime.h"

namespace davit {
namespace {

// As an answer, which gives back what was sent. A release may have files of 16 MiB, and
// the values of one davit.yaml's variables 32 MiB.
constexpr int kMaxRequestBytes = 64 << 20;
constexpr int kHandshakeTimeoutMs = 10'000;

// Plugins are global to gRPC and to be set before the first server is built.
void EnableStandardServices() {
  static const bool done = [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    return true;
  }();
  static_cast<void>(done);
}

absl::Status Check(const ServerOptions& options) {
  if (options.listen.empty()) return absl::InvalidArgumentError("no address to listen at");
  for (const Address& address : options.listen) {
    if (address.is_unix) continue;
    if (!options.tls) {
      return absl::InvalidArgumentError(absl::StrCat("cannot listen at ", ToText(address),
                                                     " without certificates: TCP needs `tls`"));
    }
    if (options.allow.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot listen at ", ToText(address),
                       " for nobody: `tls.allow` must list the certificates that may call"));
    }
  }
  return absl::OkStatus();
}

std::shared_ptr<grpc::ServerCredentials> MakeCredentials(const ServerOptions& options) {
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = options.tls->ca_pem;
  tls.pem_key_cert_pairs.push_back({options.tls->key_pem, options.tls->cert_pem});
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::SslServerCredentials(tls);
  credentials->SetAuthMetadataProcessor(std::make_shared<AllowList>(options.allow));
  return credentials;
}

void SetTcpArguments(grpc::ServerBuilder& builder) {
  // Else a second server would share the port of the first unnoticed.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
  // What MakeChannel sends is no flood.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kKeepaliveTimeMs / 2);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // The calls of a host that went away without a word end. A stopped program of this
  // host must not lose its call so soon.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 6 * kKeepaliveTimeMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 6 * kKeepaliveTimeMs);
}

void Configure(grpc::ServerBuilder& builder, const ServerOptions& options) {
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  grpc::ResourceQuota quota("davit");
  quota.SetMaxThreads(options.max_threads);
  builder.SetResourceQuota(quota);
  for (grpc::Service* service : options.services) builder.RegisterService(service);
  if (options.interceptor) {
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> creators;
    creators.push_back(options.interceptor());
    builder.experimental().SetInterceptorCreators(std::move(creators));
  }
}

// Serves at the addresses; those of sockets are where `listeners` bind.
absl::StatusOr<std::unique_ptr<grpc::Server>> Build(
    const ServerOptions& options, const std::vector<std::unique_ptr<UnixListener>>& listeners,
    std::vector<Address>& addresses) {
  KeepGrpcRunning();
  EnableStandardServices();
  grpc::ServerBuilder builder;
  Configure(builder, options);
  std::shared_ptr<grpc::ServerCredentials> credentials;
  auto listener = listeners.begin();
  for (Address& address : addresses) {
    if (address.is_unix) {
      builder.AddListeningPort(ChannelTarget(UnixAddress((*listener++)->bind_path())),
                               grpc::InsecureServerCredentials());
      continue;
    }
    if (credentials == nullptr) {
      credentials = MakeCredentials(options);
      SetTcpArguments(builder);
    }
    builder.AddListeningPort(ToText(address), credentials, &address.port);
  }
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return WhyNotBound(options.listen);
  return server;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options) {
  if (absl::Status status = Check(options); !status.ok()) return status;
  Listeners listeners;
  for (const Address& address : options.listen) {
    if (!address.is_unix) continue;
    absl::StatusOr<std::unique_ptr<UnixListener>> listener = UnixListener::Prepare(address.path);
    if (!listener.ok()) return listener.status();
    listeners.push_back(*std::move(listener));
  }
  std::vector<Address> addresses = options.listen;
  absl::StatusOr<std::unique_ptr<grpc::Server>> server = Build(options, listeners, addresses);
  if (!server.ok()) return server.status();
  for (const auto& listener : listeners) {
    if (absl::Status status = listener->Publish(options.mode, options.gid); !status.ok()) {
      return status;
    }
  }
  return std::unique_ptr<Server>(
      new Server(std::move(addresses), std::move(listeners), *std::move(server)));
}

Server::Server(std::vector<Address> addresses, Listeners listeners,
               std::unique_ptr<grpc::Server> server)
    : addresses_(std::move(addresses)),
      listeners_(std::move(listeners)),
      server_(std::move(server)) {}

Server::~Server() { Shutdown(absl::Now() + absl::Seconds(1)); }

void Server::Shutdown(absl::Time deadline) {
  if (server_ == nullptr) return;
  server_->GetHealthCheckService()->SetServingStatus(false);
  // Nobody finds the sockets any more, and they are still ours to remove.
  for (const auto& listener : listeners_) listener->Remove();
  server_->Shutdown(absl::ToChronoTime(deadline));
  server_.reset();
}

}  // namespace davit
