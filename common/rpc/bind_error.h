#ifndef DAVIT_COMMON_RPC_BIND_ERROR_H_
#define DAVIT_COMMON_RPC_BIND_ERROR_H_

#include <vector>

#include "absl/status/status.h"
#include "common/rpc/address.h"

namespace davit {

// Why gRPC, which does not tell, could not listen at all of `addresses`: tries to
// listen at each TCP address itself. UNAVAILABLE with the system's reason.
absl::Status WhyNotBound(const std::vector<Address>& addresses);

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_BIND_ERROR_H_
