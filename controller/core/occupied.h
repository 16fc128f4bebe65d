#ifndef DAVIT_CONTROLLER_CORE_OCCUPIED_H_
#define DAVIT_CONTROLLER_CORE_OCCUPIED_H_

#include "absl/status/status.h"
#include "davit/v1/deployment.pb.h"
#include "davit/worker/v1/container.pb.h"

// Why a container that was found keeps a release from its place, for people.
namespace davit::core {

// NAME_IN_USE: it serves another app, or the same one in another environment, and must not
// be touched.
absl::Status BelongsToAnother(const worker::v1::ObservedContainer& container,
                              const v1::Release& release);
// NAME_IN_USE: a check or a build runs in it.
absl::Status AtWorkForDavit(const worker::v1::ObservedContainer& container,
                            const v1::Release& release);
// NAME_IN_USE: it was started with --rm and could not be put back.
absl::Status GoneOnceStopped(const worker::v1::ObservedContainer& container);
// CONTAINER_NOT_OURS: it was started by hand and has a port of the release.
absl::Status HoldsPort(const worker::v1::ObservedContainer& container, const v1::Release& release);
// CONTAINER_NOT_OURS: `serving` has the release's name, and `adopted` was named as well.
absl::Status TwoToReplace(const worker::v1::ObservedContainer& serving,
                          const worker::v1::ObservedContainer& adopted, const v1::Release& release);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_OCCUPIED_H_
