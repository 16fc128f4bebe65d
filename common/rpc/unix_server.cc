#include "common/rpc/unix_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unix_channel.h"
#include "common/rpc/unix_socket.h"

namespace davit {
namespace {

constexpr int kMaxRequestBytes = 4 << 20;  // a spec of 10,000 lines has about 1 MiB

// Plugins are global to gRPC and to be set before the first server is built.
void EnableStandardServices() {
  static const bool done = [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    return true;
  }();
  static_cast<void>(done);
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::unique_ptr<grpc::Server> Build(const UnixServerOptions& options, const std::string& path) {
  KeepGrpcRunning();
  EnableStandardServices();
  grpc::ServerBuilder builder;
  builder.AddListeningPort(UnixTarget(path), grpc::InsecureServerCredentials());
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
  return builder.BuildAndStart();
}

absl::Status SetAccess(const UnixServerOptions& options, const std::string& path) {
  if (options.gid && chown(path.c_str(), static_cast<uid_t>(-1), *options.gid) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot set the group of ", options.path));
  }
  if (chmod(path.c_str(), options.mode) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot set the mode of ", options.path));
  }
  return absl::OkStatus();
}

// gRPC accepts from the moment it binds. It does so in a directory that only
// this user can enter; the socket moves to its place when its mode is right,
// and takes that of a stale one in the same moment.
absl::StatusOr<std::unique_ptr<grpc::Server>> Publish(const UnixServerOptions& options) {
  std::string directory = absl::StrCat(DirectoryOf(options.path), "/.dXXXXXX");
  if (mkdtemp(directory.data()) == nullptr) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", options.path));
  }
  const std::string path = absl::StrCat(directory, "/s");
  const absl::Cleanup remover = [&directory, &path] {
    unlink(path.c_str());
    rmdir(directory.c_str());
  };
  std::unique_ptr<grpc::Server> server = Build(options, path);
  if (server == nullptr) {
    return absl::InternalError(absl::StrCat("cannot serve at ", options.path));
  }
  if (const absl::Status set = SetAccess(options, path); !set.ok()) return set;
  if (rename(path.c_str(), options.path.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", options.path));
  }
  return server;
}

}  // namespace

absl::StatusOr<std::unique_ptr<UnixServer>> UnixServer::Start(const UnixServerOptions& options) {
  absl::StatusOr<UnixSocketClaim> claim = UnixSocketClaim::Take(options.path);
  if (!claim.ok()) return claim.status();
  absl::StatusOr<std::unique_ptr<grpc::Server>> server = Publish(options);
  if (!server.ok()) return server.status();
  return std::unique_ptr<UnixServer>(
      new UnixServer(options.path, *std::move(claim), *std::move(server)));
}

UnixServer::UnixServer(std::string path, UnixSocketClaim claim,
                       std::unique_ptr<grpc::Server> server)
    : path_(std::move(path)), claim_(std::move(claim)), server_(std::move(server)) {}

UnixServer::~UnixServer() { Shutdown(absl::Now() + absl::Seconds(1)); }

void UnixServer::Shutdown(absl::Time deadline) {
  if (server_ == nullptr) return;
  server_->GetHealthCheckService()->SetServingStatus(false);
  // Nobody finds the socket any more, and it is still ours to remove.
  unlink(path_.c_str());
  server_->Shutdown(absl::ToChronoTime(deadline));
  server_.reset();
}

}  // namespace davit
