#ifndef DAVIT_CLIENT_OUTPUT_DEPLOYMENT_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_DEPLOYMENT_TEXT_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/output/style.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::output {

// `width` is that of the terminal; 0: any line finds room.

// What `davit plan` says: releases, steps by phase, notes.
std::string PlanText(const v1::PlanDeploymentResponse& plan);

// Notes for those planned releases whose image is the one that serves already, one
// sentence each.
std::vector<std::string> IdleNotes(const v1::Deployment& planned,
                                   const v1::GetStatusResponse& status);

// What `davit status` says: a row for each app and host, and what goes on.
std::string StatusText(const v1::GetStatusResponse& status, absl::Time now, int width);

// What `davit history` says: a row for each deployment.
std::string HistoryText(const v1::ListDeploymentsResponse& history, absl::TimeZone zone, int width);

// What `davit show` says: everything about one deployment.
std::string DeploymentText(const v1::Deployment& deployment, absl::TimeZone zone,
                           const Style& style, int width);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_DEPLOYMENT_TEXT_H_
