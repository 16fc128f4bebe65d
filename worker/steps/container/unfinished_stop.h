#ifndef DAVIT_WORKER_STEPS_CONTAINER_UNFINISHED_STOP_H_
#define DAVIT_WORKER_STEPS_CONTAINER_UNFINISHED_STOP_H_

#include "absl/status/status.h"
#include "common/call.h"
#include "worker/docker/engine.h"

namespace davit::steps {

// Whether the engine may be about to end a container that still runs: a stop goes on
// there when the call that asked for it was given up, or its worker was killed.
// stop_container takes the restart policy away first, so one that has another policy
// was never told to stop.
bool MayBeStopping(const docker::ContainerDetails& container);

// Ends such a stop for certain: once it returns OK the container has exited, or is gone,
// and nobody will end what is started next. The program has the rest of its time to end,
// a minute at most: it serves no more, and something has to.
absl::Status EndStop(docker::Engine& engine, const docker::ContainerDetails& container,
                     const Call& call);

// Waits until a container has ended that cannot be started again, or for as long as a
// stop could have taken: one that runs after that was never told to stop.
absl::Status AwaitStop(docker::Engine& engine, const docker::ContainerDetails& container,
                       const Call& call);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_CONTAINER_UNFINISHED_STOP_H_
