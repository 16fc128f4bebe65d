#ifndef DAVIT_CLIENT_OUTPUT_FAILURE_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_FAILURE_TEXT_H_

#include <string>
#include <vector>

#include "client/output/style.h"
#include "davit/v1/deployment.pb.h"
#include "davit/v1/failure.pb.h"

namespace davit::output {

// What a failure is made of, each without parts: itself when it is one thing.
std::vector<v1::Failure> PartsOf(const v1::Failure& failure);

// What failed, what was seen, why, and what to do, as lines: the message, the
// evidence as a list, the log's tail indented, the likely cause, the next command.
// Those of each part, one after the other. Wrapped to the style's width, all but the log.
std::vector<std::string> FailureLines(const v1::Failure& failure, const Style& style);

// "error: " and the failure, or each of its parts, for one that no step stands for. Ends
// with a newline.
std::string ErrorText(const v1::Failure& failure, const Style& style);

// HEALTH_STATUS.
std::string CodeName(v1::FailureCode code);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_FAILURE_TEXT_H_
