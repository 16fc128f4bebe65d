#ifndef DAVIT_CONTROLLER_API_BUILDS_BUILD_JOB_H_
#define DAVIT_CONTROLLER_API_BUILDS_BUILD_JOB_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/store/store.h"
#include "davit/v1/build_service.pb.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::api {

// SPEC_INVALID with one fact an entry of evidence: everything that is wrong with the
// environment, and with what is to be built of it.
absl::Status CheckBuildHeader(const v1::BuildHeader& header);

// The names that an image gets.
struct ImageNames {
  std::vector<std::string> references;  // repository:tag; the first is the app's own
  std::vector<std::string> push;        // those that are pushed
};

// The app's repository under its own registry, and its path under each other registry
// of `build.push`. The header has been checked.
ImageNames NamesOf(const v1::BuildHeader& header);

// What the worker is to do, with the newest versions of the secrets that the project's
// registries refer to, and without their values. SECRET_MISSING. The header has been
// checked.
absl::StatusOr<worker::v1::BuildJob> MakeBuildJob(store::ReadTxn& txn,
                                                  const v1::BuildHeader& header);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_BUILDS_BUILD_JOB_H_
