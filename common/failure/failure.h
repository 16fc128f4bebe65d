#ifndef DAVIT_COMMON_FAILURE_FAILURE_H_
#define DAVIT_COMMON_FAILURE_FAILURE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "davit/v1/failure.pb.h"

namespace davit {

// A failure of `code` with the catalogue's likely cause, next command and
// retryability filled in; callers overwrite them where they know better.
v1::Failure MakeFailure(v1::FailureCode code, absl::string_view message,
                        std::vector<std::string> evidence = {});

// A status that carries `failure` as a payload; its message is the failure's,
// its code the catalogue's for failure.code().
absl::Status FailureStatus(const v1::Failure& failure);

// Shorthand for FailureStatus(MakeFailure(…)).
absl::Status FailureStatus(v1::FailureCode code, absl::string_view message,
                           std::vector<std::string> evidence = {});

// The failure that `status` carries, or one made from its code and message:
// INTERNAL unless the code says more. `status` must not be OK.
v1::Failure FailureOf(const absl::Status& status);

// Whether `status` carries a failure of `code`.
bool IsFailure(const absl::Status& status, v1::FailureCode code);

}  // namespace davit

#endif  // DAVIT_COMMON_FAILURE_FAILURE_H_
