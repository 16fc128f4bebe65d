#ifndef DAVIT_CONTROLLER_CORE_PLAN_SURVEY_H_
#define DAVIT_CONTROLLER_CORE_PLAN_SURVEY_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "controller/core/deployment_state.h"
#include "davit/worker/v1/steps.pb.h"

namespace davit::core {

// What the survey's steps have found. Points into the state's steps.
struct Survey {
  std::map<std::string, const worker::v1::HostObservation*> hosts;  // by host
  std::map<std::string, const worker::v1::ResolvedImage*> images;   // by app
  // By app, why an image that was looked for is none. Only in a check.
  std::map<std::string, absl::Status> images_not_there;
};

// Whether it has a digest or an id. In a check an image may have neither.
bool IsFound(const worker::v1::ResolvedImage& image);

// INTERNAL when a host or an image is missing, IMAGE_NOT_FOUND when an image
// has neither a digest nor an id; a check goes on without images.
absl::StatusOr<Survey> ReadSurvey(const DeploymentState& state);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_PLAN_SURVEY_H_
