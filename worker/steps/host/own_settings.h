#ifndef DAVIT_WORKER_STEPS_HOST_OWN_SETTINGS_H_
#define DAVIT_WORKER_STEPS_HOST_OWN_SETTINGS_H_

#include "davit/worker/v1/container.pb.h"
#include "worker/docker/engine.h"

namespace davit::steps {

// What a container was given when it was made, without what its image says of itself;
// of variables the names only. `image` is an empty one where it is gone: then all is
// the container's own.
worker::v1::ObservedSettings OwnSettings(const docker::ContainerDetails& container,
                                         const docker::ImageDetails& image);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_HOST_OWN_SETTINGS_H_
