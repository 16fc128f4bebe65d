#ifndef DAVIT_CONTROLLER_CORE_COMPARISON_FLATTEN_H_
#define DAVIT_CONTROLLER_CORE_COMPARISON_FLATTEN_H_

#include <map>
#include <string>

#include "google/protobuf/message.h"

namespace davit::core {

// A message's fields that are set, as text, by their paths: "http.path". Lists are joined
// by ", ", durations are in Go's notation. A message without a field that is set shows as
// "{}" under its own path.
std::map<std::string, std::string> Flatten(const google::protobuf::Message& message);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_COMPARISON_FLATTEN_H_
