#ifndef DAVIT_CONTROLLER_FLEET_HOST_STATUS_H_
#define DAVIT_CONTROLLER_FLEET_HOST_STATUS_H_

#include <grpcpp/support/status.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "davit/v1/failure.pb.h"

namespace davit::fleet {

// HOST_UNREACHABLE: the worker of `host` does not answer, because of `why`.
absl::Status HostUnreachable(absl::string_view host, absl::string_view why);

// What a call to the worker of `host` ended with. Of the errors that come without a
// failure, those that say that there was no answer are HOST_UNREACHABLE; that a
// method is not known, VERSION_SKEW; that the caller may not, NOT_AUTHORISED.
absl::Status HostStatus(absl::string_view host, const grpc::Status& status);

// Adds to `failure`, that `host` does not answer, what was found out about it: its cause
// is not to be guessed any more, and where it is a certificate, the host is not down.
void AddFacts(absl::string_view host, const std::vector<std::string>& facts, v1::Failure& failure);

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_HOST_STATUS_H_
