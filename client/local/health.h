#ifndef DAVIT_CLIENT_LOCAL_HEALTH_H_
#define DAVIT_CLIENT_LOCAL_HEALTH_H_

#include <grpcpp/channel.h>

#include <memory>

#include "absl/time/time.h"

namespace davit::local {

// Whether the gRPC server at the other end says SERVING to the standard health
// check before `deadline`.
bool IsServing(const std::shared_ptr<grpc::Channel>& channel, absl::Time deadline);

}  // namespace davit::local

#endif  // DAVIT_CLIENT_LOCAL_HEALTH_H_
