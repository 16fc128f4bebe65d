#include "controller/api/hosts/host_service.h"

#include <utility>

#include "common/rpc/peer.h"
#include "controller/api/caller.h"
#include "controller/api/finish.h"
#include "controller/api/hosts/handlers.h"
#include "davit/v1/host_service.grpc.pb.h"

namespace davit::api {
namespace {

class HostService final : public v1::HostService::Service {
 public:
  explicit HostService(HostContext context) : context_(std::move(context)) {}

  grpc::Status AddHost(grpc::ServerContext* call, const v1::AddHostRequest* request,
                       v1::AddHostResponse* response) override {
    v1::AddHostRequest known = *request;
    known.set_added_by(CallerForTheRecord(request->added_by(), PeerName(*call)));
    return Finish("AddHost", api::AddHost(context_, known), response);
  }

  grpc::Status GetHost(grpc::ServerContext*, const v1::GetHostRequest* request,
                       v1::GetHostResponse* response) override {
    return Finish("GetHost", api::GetHost(context_, *request), response);
  }

  grpc::Status ListHosts(grpc::ServerContext*, const v1::ListHostsRequest* request,
                         v1::ListHostsResponse* response) override {
    return Finish("ListHosts", api::ListHosts(context_, *request), response);
  }

  grpc::Status RemoveHost(grpc::ServerContext*, const v1::RemoveHostRequest* request,
                          v1::RemoveHostResponse* response) override {
    return Finish("RemoveHost", api::RemoveHost(context_, *request), response);
  }

  grpc::Status AdoptHost(grpc::ServerContext*, const v1::AdoptHostRequest* request,
                         v1::AdoptHostResponse* response) override {
    return Finish("AdoptHost", api::AdoptHost(context_, *request), response);
  }

 private:
  const HostContext context_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeHostService(HostContext context) {
  return std::make_unique<HostService>(std::move(context));
}

}  // namespace davit::api
