#ifndef DAVIT_WORKER_STEPS_REGISTRY_H_
#define DAVIT_WORKER_STEPS_REGISTRY_H_

#include <string>

#include "worker/docker/engine.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

struct RunnerEnvironment {
  docker::Engine* engine = nullptr;  // not owned, outlives the runners
  std::string docker_config_path;    // registry credentials, as `docker login` writes them
  // The worker's own. Below it: what create_resources made, for its inverse; the
  // files of releases; which one-offs were started.
  std::string state_directory;
};

// One runner for every kind of step.
Runners MakeRunners(const RunnerEnvironment& environment);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_REGISTRY_H_
