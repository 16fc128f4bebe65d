#ifndef DAVIT_COMMON_SECRET_SECRET_KEY_H_
#define DAVIT_COMMON_SECRET_SECRET_KEY_H_

#include <string>

#include "davit/worker/v1/container.pb.h"

namespace davit {

// The key of a secret's value in RunStepRequest.secrets: environment/name@version.
std::string SecretKey(const worker::v1::SecretUse& use);

}  // namespace davit

#endif  // DAVIT_COMMON_SECRET_SECRET_KEY_H_
