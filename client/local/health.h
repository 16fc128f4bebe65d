#ifndef DAVIT_CLIENT_LOCAL_HEALTH_H_
#define DAVIT_CLIENT_LOCAL_HEALTH_H_

#include <string>

#include "absl/time/time.h"

namespace davit::local {

// Whether a gRPC server at the unix socket says SERVING to the standard health
// check before `deadline`.
bool IsServing(const std::string& socket, absl::Time deadline);

}  // namespace davit::local

#endif  // DAVIT_CLIENT_LOCAL_HEALTH_H_
