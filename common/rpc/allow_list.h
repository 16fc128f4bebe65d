#ifndef DAVIT_COMMON_RPC_ALLOW_LIST_H_
#define DAVIT_COMMON_RPC_ALLOW_LIST_H_

#include <grpcpp/security/auth_metadata_processor.h>

#include <string>
#include <vector>

namespace davit {

// Lets only those call whose certificate has one of `names`, as DNS SAN or CN and
// without regard to case; "*" lets in everybody who has a certificate. It is asked
// before every call to any service. Others get PERMISSION_DENIED; gRPC carries the
// message of that status but no details, so FromGrpcStatus makes the failure of it.
class AllowList final : public grpc::AuthMetadataProcessor {
 public:
  explicit AllowList(std::vector<std::string> names);

  // On the thread that received the call: a few comparisons are no reason for another.
  bool IsBlocking() const override { return false; }

  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context,
                       OutputMetadata* consumed, OutputMetadata* response) override;

 private:
  bool Has(const std::string& name) const;

  const std::vector<std::string> names_;
};

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_ALLOW_LIST_H_
