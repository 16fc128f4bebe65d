#ifndef DAVIT_COMMON_SECRET_SECRET_USES_H_
#define DAVIT_COMMON_SECRET_SECRET_USES_H_

#include <map>
#include <string>

#include "davit/worker/v1/container.pb.h"

namespace davit {

// The secrets that a message (a step, a record) refers to, wherever in it, by SecretKey.
std::map<std::string, worker::v1::SecretUse> SecretsOf(const google::protobuf::Message& message);

}  // namespace davit

#endif  // DAVIT_COMMON_SECRET_SECRET_USES_H_
