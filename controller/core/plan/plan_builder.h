#ifndef DAVIT_CONTROLLER_CORE_PLAN_PLAN_BUILDER_H_
#define DAVIT_CONTROLLER_CORE_PLAN_PLAN_BUILDER_H_

#include <string>
#include <vector>

#include "controller/core/plan/inverse.h"
#include "davit/state/v1/state.pb.h"

namespace davit::core {

// A step before it has a number.
struct NewStep {
  v1::Phase phase = v1::PHASE_UNSPECIFIED;
  std::string host;
  std::string app;  // empty: for all apps of the host
  std::string title;
  std::string takes_back;  // database, see Step.takes_back; empty: none
  worker::v1::StepSpec spec;
  std::vector<int> after;  // indices of steps of the same host
  bool warn_only = false;
  InverseContext inverse;  // step_id is filled in
};

// Numbers steps and fills in what follows from their kind: name, timeout, inverse.
class PlanBuilder {
 public:
  // The first step gets `first_index`.
  PlanBuilder(std::string deployment_id, int first_index);

  // The steps that are added from now on wait for all that were added before.
  void NextWave() { ++wave_; }
  // Id of the step that is added next.
  std::string NextId() const;
  // Returns its index.
  int Add(NewStep step);
  std::vector<state::v1::StepRecord> Take() && { return std::move(steps_); }

 private:
  const std::string deployment_id_;
  const int first_index_;
  int wave_ = 0;
  std::vector<state::v1::StepRecord> steps_;
};

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_PLAN_PLAN_BUILDER_H_
