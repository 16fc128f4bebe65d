#include "controller/api/secrets/secret_service.h"

#include "common/rpc/peer.h"
#include "controller/api/caller.h"
#include "controller/api/finish.h"
#include "controller/api/secrets/handlers.h"
#include "davit/v1/secret_service.grpc.pb.h"

namespace davit::api {
namespace {

class SecretService final : public v1::SecretService::Service {
 public:
  explicit SecretService(const SecretContext& context) : context_(context) {}

  grpc::Status SetSecret(grpc::ServerContext* call, const v1::SetSecretRequest* request,
                         v1::SetSecretResponse* response) override {
    v1::SetSecretRequest known = *request;
    known.set_set_by(CallerForTheRecord(request->set_by(), PeerName(*call)));
    return Finish("SetSecret", api::SetSecret(context_, known), response);
  }

  grpc::Status ListSecrets(grpc::ServerContext*, const v1::ListSecretsRequest* request,
                           v1::ListSecretsResponse* response) override {
    return Finish("ListSecrets", api::ListSecrets(context_, *request), response);
  }

  grpc::Status RemoveSecret(grpc::ServerContext* call, const v1::RemoveSecretRequest* request,
                            v1::RemoveSecretResponse* response) override {
    v1::RemoveSecretRequest known = *request;
    known.set_removed_by(CallerForTheRecord(request->removed_by(), PeerName(*call)));
    return Finish("RemoveSecret", api::RemoveSecret(context_, known), response);
  }

 private:
  const SecretContext context_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeSecretService(const SecretContext& context) {
  return std::make_unique<SecretService>(context);
}

}  // namespace davit::api
