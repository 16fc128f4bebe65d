#ifndef DAVIT_CLIENT_OUTPUT_CHANGE_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_CHANGE_TEXT_H_

#include <string>

#include "davit/v1/deployment_service.pb.h"

namespace davit::output {

// "~ env DEBUG: 1 -> 0", "+ env NEW: on", "- env OLD: was on".
std::string DifferenceLine(const v1::Difference& difference);

// How one app's release differs from what runs now: what it meets, and a line for each
// difference below it. `width` is that of the terminal; 0: any line finds room.
std::string ChangeText(const v1::AppChange& change, int width);

// Whether a deployment of this plan would leave anything another way than it is.
bool HasChanges(const v1::PlanDeploymentResponse& plan);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_CHANGE_TEXT_H_
