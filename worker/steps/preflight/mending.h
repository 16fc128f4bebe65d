#ifndef DAVIT_WORKER_STEPS_PREFLIGHT_MENDING_H_
#define DAVIT_WORKER_STEPS_PREFLIGHT_MENDING_H_

#include <string>
#include <vector>

#include "worker/probe/report.h"
#include "worker/steps/preflight/access_probe.h"

namespace davit::steps {

// Something that the probe could not do.
struct Denial {
  const probe::Report& report;
  const probe::Answer& answer;
  bool write = false;
  int error = 0;  // errno
};

// Why that is so, as far as it shows, and what to do.
struct Mending {
  std::string cause;
  std::string command;
};

// `places` are all that the container mounts: what denies may lie in another one
// than `place`, or in the image.
Mending FindMending(const std::vector<MountedPlace>& places, const MountedPlace& place,
                    const Denial& denial);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_PREFLIGHT_MENDING_H_
