#ifndef DAVIT_CONTROLLER_EXECUTOR_SECRET_VALUES_H_
#define DAVIT_CONTROLLER_EXECUTOR_SECRET_VALUES_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/secret/secret_uses.h"
#include "controller/executor/secret_source.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::executor {

using davit::SecretsOf;

// Puts the values of all secrets that the request's step uses into it: for the
// worker, and nobody else. The first error of the source, about which nothing was
// put in. A step that puts a container back goes without the values that are gone: it
// needs them only when the container is gone as well, and then says so itself.
//
// Of `masked`, which the step does not need and is to hide, those that are gone are left out.
absl::Status FillSecrets(SecretSource& source, absl::Span<const worker::v1::SecretUse> masked,
                         worker::v1::RunStepRequest& request);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_SECRET_VALUES_H_
