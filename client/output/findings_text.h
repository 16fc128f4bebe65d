#ifndef DAVIT_CLIENT_OUTPUT_FINDINGS_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_FINDINGS_TEXT_H_

#include <cstdint>
#include <string>

#include "client/output/style.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::output {

// What `davit doctor` says: all findings, those of a host under its name and the
// environment's own first, and a last line that counts them. What one step found is as
// many findings as its failure has parts.
std::string FindingsText(const v1::CheckDeploymentResponse& response,
                         const std::string& environment, const Style& style);

// Findings that would stop a deployment.
int64_t CountObstacles(const v1::CheckDeploymentResponse& check);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_FINDINGS_TEXT_H_
