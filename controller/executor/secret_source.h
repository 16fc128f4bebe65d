#ifndef DAVIT_CONTROLLER_EXECUTOR_SECRET_SOURCE_H_
#define DAVIT_CONTROLLER_EXECUTOR_SECRET_SOURCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "davit/worker/v1/container.pb.h"

namespace davit::executor {

// Where the values of secrets come from when a step is dispatched. What it gives goes to a
// worker, or is compared, and nowhere else: it is never stored, never shown and never logged.
// Thread-safe.
class SecretSource {
 public:
  virtual ~SecretSource() = default;

  // The value of one version of a project's secret. SECRET_MISSING when that
  // version is not there (any more), SECRET_KEY_UNUSABLE when it cannot be opened,
  // or the store's error.
  virtual absl::StatusOr<std::string> Value(absl::string_view project,
                                            const worker::v1::SecretUse& use) = 0;
};

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_SECRET_SOURCE_H_
