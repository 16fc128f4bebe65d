#ifndef DAVIT_CLIENT_OUTPUT_STEP_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_STEP_TEXT_H_

#include <string>
#include <vector>

#include "client/output/deployment_model.h"
#include "client/output/extent.h"
#include "davit/v1/deployment.pb.h"

namespace davit::output {

// "[local] start web v2".
std::string StepName(const v1::Step& step);

// "download 12.3 MB of 45.0 MB (27%), 3.1 MB/s" or "probe 3 of 20".
std::string ProgressText(const Activity& activity);

// Whether the failure of a step in this state is worth its lines.
bool ShowsFailure(const v1::Step& step);

// The failures of the deployment itself: those that no step has shown already. Short: with
// the first and the last things that were seen, and the number of those between.
std::vector<v1::Failure> OwnFailures(const v1::Deployment& deployment, Extent extent);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_STEP_TEXT_H_
