#ifndef DAVIT_CONTROLLER_API_CALLER_H_
#define DAVIT_CONTROLLER_API_CALLER_H_

#include <string>

#include "absl/strings/string_view.h"

namespace davit::api {

// Who calls, for the record: what the caller says of itself and, where there is
// one, the name in its certificate: "ana@laptop (certificate ci)".
std::string CallerForTheRecord(absl::string_view said, absl::string_view certificate);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_CALLER_H_
