#ifndef DAVIT_CLIENT_OUTPUT_DEPLOYMENT_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_DEPLOYMENT_TEXT_H_

#include <string>

#include "absl/time/time.h"
#include "client/output/style.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::output {

// `width` is that of the terminal; 0: any line finds room.

// What `davit status` says: a row for each app and host, and what goes on.
std::string StatusText(const v1::GetStatusResponse& status, absl::Time now, int width);

// What `davit history` says: a row for each deployment, with its environment where they
// are of several.
std::string HistoryText(const v1::ListDeploymentsResponse& history, absl::TimeZone zone, int width);

// What `davit show` says: everything about one deployment.
std::string DeploymentText(const v1::Deployment& deployment, absl::TimeZone zone,
                           const Style& style);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_DEPLOYMENT_TEXT_H_
