#ifndef DAVIT_CLIENT_OUTPUT_PLAN_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_PLAN_TEXT_H_

#include <string>

#include "davit/v1/deployment_service.pb.h"

namespace davit::output {

// What `davit plan` says: releases, what differs from what runs now, steps by phase and
// wave with their time limits, how long the apps of `spec` have to get healthy, what a
// rollback would do, notes. Where a wave has many hosts, steps of the same title are one
// line. `width` is that of the terminal; 0: any line finds room.
std::string PlanText(const v1::PlanDeploymentResponse& plan, const v1::EnvironmentSpec& spec,
                     int width);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_PLAN_TEXT_H_
