#ifndef DAVIT_CLIENT_OUTPUT_PLAN_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_PLAN_TEXT_H_

#include <string>
#include <vector>

#include "davit/v1/deployment_service.pb.h"
#include "davit/v1/host_service.pb.h"

namespace davit::output {

// What `davit plan` says: releases, steps by phase and wave, notes. Where a wave has
// many hosts, steps of the same title are one line. `width` is that of the terminal;
// 0: any line finds room.
std::string PlanText(const v1::PlanDeploymentResponse& plan, int width);

// Notes for those planned releases whose image is the one that serves already, one
// sentence each.
std::vector<std::string> IdleNotes(const v1::Deployment& planned,
                                   const v1::GetStatusResponse& status);

// "waiting for hosts app2, app3 …": those of `names` that are not online; where all
// are, or nothing is known of them, all of them.
std::string WaitingLineText(const std::vector<std::string>& names,
                            const v1::ListHostsResponse& hosts);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_PLAN_TEXT_H_
