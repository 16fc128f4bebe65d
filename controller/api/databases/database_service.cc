#include "controller/api/databases/database_service.h"

#include "controller/api/finish.h"
#include "davit/v1/database_service.grpc.pb.h"

namespace davit::api {
namespace {

class DatabaseService final : public v1::DatabaseService::Service {
 public:
  explicit DatabaseService(const DatabaseContext& context) : context_(context) {}

  grpc::Status ListBackups(grpc::ServerContext*, const v1::ListBackupsRequest* request,
                           v1::ListBackupsResponse* response) override {
    return Finish("ListBackups", api::ListBackups(context_, *request), response);
  }

 private:
  const DatabaseContext context_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDatabaseService(const DatabaseContext& context) {
  return std::make_unique<DatabaseService>(context);
}

}  // namespace davit::api
