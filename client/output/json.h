#ifndef DAVIT_CLIENT_OUTPUT_JSON_H_
#define DAVIT_CLIENT_OUTPUT_JSON_H_

#include <string>

#include "davit/v1/deployment_service.pb.h"
#include "davit/v1/failure.pb.h"
#include "google/protobuf/message.h"

namespace davit::output {

// Protobuf's JSON with the field names of the .proto files, on one line,
// without a newline.
std::string ToJsonLine(const google::protobuf::Message& message);

// The same, indented, with a newline at the end.
std::string ToJsonText(const google::protobuf::Message& message);

// The same of an answer that is a list, with its empty lists: {"deployments": []} where there is
// nothing in it. Of any other answer ToJsonText().
std::string ToJsonListText(const google::protobuf::Message& message);

// {"failure":{…}} on one line, without a newline.
std::string FailureJsonLine(const v1::Failure& failure);

// {"failure":{…},"plan":{…}}: what failed for want of a word, and what would be done with it.
std::string FailureJsonLine(const v1::Failure& failure, const v1::PlanDeploymentResponse& plan);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_JSON_H_
