#ifndef DAVIT_CLIENT_OUTPUT_TIME_LIMITS_H_
#define DAVIT_CLIENT_OUTPUT_TIME_LIMITS_H_

#include <string>

#include "davit/v1/deployment.pb.h"
#include "davit/v1/spec.pb.h"

namespace davit::output {

// " (at most 30m)"; empty for a step that has no limit.
std::string StepLimit(const v1::Step& step);

// How long `app` has to get healthy, and where that comes from: "healthy within 1m45s: 20
// attempts, one every 5s, after 5s". Empty for an app that has no health check.
std::string HealthLimit(const v1::App& app);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_TIME_LIMITS_H_
